import numpy as np
import pandas as pd
import pytest

from caser.data.dataset import CATALOGUE_COLUMNS, from_interactions, split, statistics, tied_with_previous
from tests.caser.conftest import make_dataset

# user 7 has ties at the end, user 3 comes first in id order, user 9 is too short to hold out from
ROWS = [
    (7, 1, 10), (7, 2, 20), (7, 3, 30), (7, 4, 30), (7, 5, 30),
    (3, 2, 5), (3, 1, 4), (3, 4, 6), (3, 6, 7),
    (9, 6, 1),
]  # fmt: skip


@pytest.fixture
def dataset():
    return make_dataset(ROWS)


def test_rows_are_sorted_by_user_time_and_file_order(dataset):
    assert dataset.user_ids.tolist() == [3, 7, 9]
    assert dataset.offset.tolist() == [0, 4, 9, 10]
    assert (dataset.item + 1).tolist() == [1, 2, 4, 6, 1, 2, 3, 4, 5, 6]
    assert dataset.item.dtype == dataset.timestamp.dtype == np.int64


@pytest.mark.parametrize(("ties", "user_7"), [("first", [1, 2, 5, 4, 3]), ("last", [1, 2, 3, 4, 5])])
def test_split_holds_out_the_last_two_by_the_tie_rule(dataset, ties, user_7):
    parts = split(dataset, ties)
    assert (parts.item[4:9] + 1).tolist() == user_7
    assert (parts.target("test") + 1).tolist() == [6, user_7[-1]]
    assert (parts.target("validation") + 1).tolist() == [4, user_7[-2]]
    assert (parts.history(1, "validation") + 1).tolist() == user_7[:-2]
    assert (parts.history(1, "test") + 1).tolist() == user_7[:-1]


def test_a_user_too_short_to_hold_out_is_kept_for_training(dataset):
    parts = split(dataset)
    assert parts.evaluated.tolist() == [0, 1]
    assert parts.history(2, "validation").tolist() == [5]


@pytest.mark.parametrize("rows", [[(1, 1, 1)], [(1, 1, 1), (1, 2, 2), (2, 1, 1)]])
def test_nothing_to_hold_out_is_a_clear_error(rows):
    with pytest.raises(ValueError, match="three interactions"):
        split(make_dataset(rows))


def test_an_unknown_tie_rule_lists_the_rules(dataset):
    with pytest.raises(ValueError, match="first, last"):
        split(dataset, "middle")


def test_items_that_the_catalogue_lacks_are_named(dataset):
    with pytest.raises(ValueError, match="item 99"):
        from_interactions("x", np.array([1]), np.array([99]), np.array([0]), np.array([1.0]), dataset.catalogue)


def films(n=3, **columns):
    return pd.DataFrame(
        {"item_id": range(1, n + 1), "title": "Film", "year": 1990, "genres": [("Drama",)] * n} | columns
    )


USER, ITEM, TIME, RATING = [1, 1, 2], [3, 1, 2], [5, 4, 3], [1.0, 0.5, 5]


@pytest.mark.parametrize(
    ("columns", "catalogue", "message"),
    [
        ({}, films(item_id=[1, 2, 2]), "the film list of x has item 2 twice; leave one of the two rows out"),
        ({}, films(4, item_id=[1, 2, 3, 3]), "has item 3 twice"),
        (
            {},
            films().drop(columns="year"),
            "the film list of x has no column 'year'; give item_id, title, year, ",
        ),
        ({}, films(item_id=["1", "2", "3"]), "the column 'item_id' of x's film list is of type .*give whole numbers"),
        ({}, films(year=[1990, np.nan, 1991]), "the column 'year' of x's film list is of type float64, such as 1990.0"),
        ({}, films(imdb_id=[1, np.nan, 2]), "the column 'imdb_id' of x's film list is of type float64"),
        ({}, films(title=["A", None, "C"]), "the title of item 2 of x is (None|nan); give a str"),
        ({}, films(genres="Drama|War"), r"the genres of item 1 of x is 'Drama\|War'; give a tuple"),
        (
            {"user": [1, 1]},
            films(),
            "the lengths differ: user 2, item 3, timestamp 3, rating 3; give one value of",
        ),
        ({"rating": []}, films(), "rating 0"),
        ({"user": [1.0, 1, 2]}, films(), "the column 'user' is of type float64, such as 1.0; give whole numbers"),
        ({"user": ["a", "a", "b"]}, films(), "the column 'user' is of type <U1, such as 'a'"),
        ({"user": [[1], [1], [2]]}, films(), r"the column 'user' has the shape \(3, 1\); give a flat array"),
        ({"item": [3.0, 1, 2]}, films(), "the column 'item' is of type float64"),
        ({"item": [True, True, True]}, films(), "the column 'item' is of type bool"),
        ({"item": np.array([2**63, 1, 2], np.uint64)}, films(), "the column 'item' holds 9223372036854775808"),
        ({"timestamp": [5, np.nan, 3]}, films(), "the column 'timestamp' is of type float64, such as 5.0"),
        ({"rating": [1, np.nan, 2]}, films(), "the rating of row 1 is nan; give a number, or leave the row out"),
        ({"rating": [1, 2, np.inf]}, films(), "the rating of row 2 is inf"),
        ({"rating": ["1", "2", "3"]}, films(), "the ratings are <U1"),
    ],
)
def test_what_makes_no_data_set_is_named(columns, catalogue, message):
    rows = {"user": USER, "item": ITEM, "timestamp": TIME, "rating": RATING} | columns
    with pytest.raises(ValueError, match=message):
        from_interactions("x", **rows, catalogue=catalogue)


def test_plain_lists_of_any_order_make_a_data_set():
    data = from_interactions("x", USER, ITEM, TIME, RATING, films(4), notes=["a note"])
    assert data.item.tolist() == [0, 2, 1]
    assert data.timestamp.tolist() == [4, 5, 3]
    assert data.rating.tolist() == [0.5, 1, 5]
    assert (data.n_items, data.notes) == (3, ("a note",))


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.uint64])
def test_whole_numbers_of_every_type_are_taken(kind):
    rows = [np.array(column, kind) for column in (USER, ITEM, [100, 0, 120])]
    data = from_interactions("x", *rows, RATING, films())
    assert data.checksum == from_interactions("x", USER, ITEM, [100, 0, 120], RATING, films()).checksum
    assert data.timestamp.dtype == np.int64


def test_notes_and_links_do_not_change_the_checksum():
    plain = from_interactions("x", USER, ITEM, TIME, RATING, films())
    other = from_interactions("x", USER, ITEM, TIME, RATING, films(tmdb_id=[7, 0, 9]), notes=("a note",))
    assert plain.checksum == other.checksum
    assert plain.digest != other.digest
    assert list(plain.catalogue) == list(CATALOGUE_COLUMNS)
    assert other.catalogue["tmdb_id"].tolist() == [7, 0, 9]


def test_ids_that_do_not_exist_are_named(dataset):
    assert dataset.item_index(6) == 5
    for item_id in (99, 0, 1.5, "1", None, True):
        with pytest.raises(ValueError, match=rf"no item {item_id} in tiny; its 6 item ids run from 1 to 6"):
            dataset.item_index(item_id)
    for user_id in (7.0, "7", None):
        with pytest.raises(ValueError, match=rf"no user {user_id} in tiny"):
            dataset.user_index(user_id)
    parts = split(dataset)
    for user in (-1, 3):
        with pytest.raises(ValueError, match=rf"no user {user} among 3; give a dense id from 0"):
            parts.history(user)
    for ask in (parts.end, parts.target, lambda stage: parts.history(0, stage)):
        with pytest.raises(ValueError, match="unknown stage 'train'; choose one of validation, test"):
            ask("train")
    with pytest.raises(ValueError, match="the lengths differ: users 1, times 2"):
        tied_with_previous(np.array([1]), np.array([1, 2]))


def test_no_rows_at_all_is_a_clear_error(dataset):
    with pytest.raises(ValueError, match="no interactions"):
        from_interactions("x", *[np.array([], dtype=int)] * 4, dataset.catalogue)


def test_huge_ids_and_times_sort_like_small_ones():
    rows = np.array(ROWS)
    big = rows.copy()
    big[:, 0] += 2**40
    big[:, 2] *= 2**50
    user, item, time = big.T
    huge = from_interactions("x", user, item, time, np.ones(len(user)), make_dataset(ROWS).catalogue)
    assert huge.item.tolist() == make_dataset(ROWS).item.tolist()


def test_checksum_tells_other_data_apart(dataset):
    assert make_dataset(ROWS).checksum == dataset.checksum
    assert make_dataset([*ROWS[:-1], (9, 5, 1)]).checksum != dataset.checksum


def test_unknown_user_is_named_with_the_range(dataset):
    assert dataset.user_index(7) == 1
    with pytest.raises(ValueError, match=r"no user 8 in tiny.*from 3 to 9"):
        dataset.user_index(8)


def test_statistics_count_ties_and_short_users(dataset):
    facts = statistics(dataset)
    assert facts["users too short to evaluate"] == 1
    assert facts["neighbours tied in time"] == pytest.approx(2 / 7, abs=1e-4)
    assert facts["users tied at their last time"] == 0.5
