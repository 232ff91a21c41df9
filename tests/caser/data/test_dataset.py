import numpy as np
import pytest
import torch

from caser.data.dataset import Histories, from_interactions, split, statistics
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


def test_windows_end_before_the_position_and_never_reach_another_user(dataset):
    histories = Histories(split(dataset, "last"), "test")
    pad = histories.padding
    assert pad == dataset.n_items
    positions = torch.tensor([4, 5, 8])
    assert histories.windows(positions, 3).tolist() == [[pad, pad, pad], [pad, pad, 0], [1, 2, 3]]
    assert histories.targets(torch.tensor([5, 7]), 2).tolist() == [[1, 2], [3, pad]]  # position 8 is the hidden test


@pytest.mark.parametrize(
    ("stage", "minimum", "expected"),
    [
        ("test", 0, [0, 1, 2, 4, 5, 6, 7, 9]),
        ("test", 1, [1, 2, 5, 6, 7]),
        ("validation", 1, [1, 5, 6]),
        ("validation", 2, [6]),
    ],
)
def test_positions_leave_the_hidden_targets_out(dataset, stage, minimum, expected):
    assert Histories(split(dataset), stage).positions(minimum).tolist() == expected


def test_windows_agree_with_a_naive_loop(cycle):
    histories, L = Histories(cycle, "test"), 4
    positions = histories.positions(1)
    for p, window in zip(positions.tolist(), histories.windows(positions, L).tolist(), strict=True):
        user = int(histories.user[p])
        past = cycle.item[cycle.dataset.offset[user] : p][-L:].tolist()
        assert window == [histories.padding] * (L - len(past)) + past


def test_ties_are_shuffled_within_user_and_time_and_never_across_the_hidden_targets():
    rows = [(1, i, 5) for i in range(1, 9)] + [(2, i, i // 4) for i in range(1, 9)]
    parts = split(make_dataset(rows))
    histories = Histories(parts, "test")
    generator = torch.Generator().manual_seed(0)
    seen = [histories.shuffle_ties(generator).tolist() for _ in range(30)]
    for items in seen:
        assert items[7] == parts.item[7]  # user 1's hidden target
        assert sorted(items[:7]) == sorted(parts.item[:7])
        assert sorted(items[8:11]) == sorted(parts.item[8:11])
        assert items[15] == parts.item[15]
    assert len({tuple(items) for items in seen}) > 20


def test_negatives_are_uniform_over_exactly_the_unseen(dataset):
    histories = Histories(split(dataset, "last"), "test")
    users = torch.tensor([0, 1, 2])
    drawn = histories.sample_unseen(users, 6000, torch.Generator().manual_seed(0))
    for user, unseen in enumerate([{2, 4, 5}, {4, 5}, {0, 1, 2, 3, 4}]):  # held-out items can be drawn
        values, counts = drawn[user].unique(return_counts=True)
        assert set(values.tolist()) == unseen
        assert (counts / 6000 - 1 / len(unseen)).abs().max() < 0.03
    assert histories.n_unseen(users).tolist() == [[3], [2], [5]]


def test_hide_test_leaves_the_test_item_out_of_the_negatives(dataset):
    histories = Histories(split(dataset, "last"), "test", hide_test=True)
    drawn = histories.sample_unseen(torch.tensor([1]), 200, torch.Generator().manual_seed(0))
    assert set(drawn.unique().tolist()) == {5}


def test_the_dense_table_says_what_the_keys_say(cycle):
    histories = Histories(cycle, "validation")
    users = torch.arange(len(histories.start))
    assert (~histories.seen).sum(1, keepdim=True).tolist() == histories.n_unseen(users).tolist()


def test_padding_is_never_drawn(cycle):
    histories = Histories(cycle, "test")
    drawn = histories.sample_unseen(torch.zeros(5000, dtype=torch.int64), 1, torch.Generator().manual_seed(1))
    assert drawn.max() < histories.padding


def test_a_user_who_has_seen_everything_is_named():
    rows = [(4, i, i) for i in range(1, 4)] + [(5, i, i) for i in range(1, 4)] + [(5, 4, 9)]
    with pytest.raises(ValueError, match="user 5 of tiny has seen every item"):
        Histories(split(make_dataset(rows)), "test", hide_test=True).sample_unseen(
            torch.tensor([0]), 1, torch.Generator()
        )


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
