import numpy as np
import pytest

from caser.data.dataset import from_interactions, split, statistics
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
