import pytest
import torch

from caser.data.dataset import split
from caser.data.histories import Histories
from tests.caser.conftest import make_dataset
from tests.caser.data.test_dataset import ROWS


@pytest.fixture
def dataset():
    return make_dataset(ROWS)


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


def test_histories_are_turned_around_at_their_rate_up_to_the_hidden_targets():
    rows = [(user, item, item) for user in range(1, 401) for item in range(1, 9)]
    histories = Histories(split(make_dataset(rows)), "validation")
    generator = torch.Generator().manual_seed(0)
    turned = histories.turn_around(histories.item, 0.3, generator).view(400, 8)
    forward, backward = [0, 1, 2, 3, 4, 5, 6, 7], [5, 4, 3, 2, 1, 0, 6, 7]
    assert {tuple(row) for row in turned.tolist()} == {tuple(forward), tuple(backward)}
    assert (turned[:, 0] == 5).float().mean().item() == pytest.approx(0.3, abs=0.08)
    assert torch.equal(histories.turn_around(histories.item, 0.0, generator), histories.item)


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


def test_what_users_have_seen_is_told_row_by_row(dataset):
    histories = Histories(split(dataset, "last"), "validation")
    users = torch.tensor([2, 0, 2, 1])
    row, item = histories.seen(users)
    assert row.tolist() == sorted(row.tolist())
    watched, watched_items = histories.visible()
    for place, user in enumerate(users.tolist()):
        own = item[row == place].tolist()
        assert own == sorted(set(watched_items[watched == user].tolist()))  # each once
        assert len(own) == histories.n_items - histories.n_unseen(users)[place]


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


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda h, at: h.positions(-1), "min_history is -1; give a whole number, at least 0"),
        (lambda h, at: h.positions(1.5), "min_history is 1.5; give a whole number"),
        (lambda h, at: h.sequence_ends(0), "L is 0; give a whole number, at least 1"),
        (lambda h, at: h.windows(at, -1), "L is -1; give a whole number, at least 0"),
        (lambda h, at: h.targets(at, 0), "T is 0; give a whole number, at least 1"),
        (lambda h, at: h.sample_unseen(at, -1, torch.Generator()), "n is -1; give a whole number, at least 0"),
    ],
)
def test_sizes_that_make_no_sense_are_named(dataset, ask, message):
    with pytest.raises(ValueError, match=message):
        ask(Histories(split(dataset), "test"), torch.tensor([1]))


def test_an_unknown_stage_lists_the_stages(dataset):
    with pytest.raises(ValueError, match="unknown stage 'train'; choose one of validation, test"):
        Histories(split(dataset), "train")


@pytest.mark.parametrize("L", [1, 3, 4, 50])
def test_sequence_ends_teach_every_item_once(cycle, L):
    histories = Histories(cycle, "validation")
    ends = histories.sequence_ends(L)
    taught = torch.cat([histories.windows(ends, L)[:, 1:], histories.targets(ends, 1)], 1)  # (n, L)
    there = histories.windows(ends, L) < histories.padding
    counts = torch.bincount(taught[there], minlength=12)
    _, items = histories.visible()
    first = torch.bincount(histories.item[histories.start].long(), minlength=12)
    assert torch.equal(counts, torch.bincount(items, minlength=12) - first)


@pytest.mark.parametrize("L", [1, 3, 4, 50])
def test_cuts_that_are_drawn_leave_no_item_out_and_end_at_the_end(cycle, L):
    histories = Histories(cycle, "validation")
    drawn = [histories.sequence_ends(L, torch.Generator().manual_seed(seed)) for seed in range(20)]
    for ends in drawn:
        assert set((histories.end - 1).tolist()) <= set(ends.tolist())
        targets = ends[:, None] - torch.arange(L)  # (n, L)
        taught = targets[targets > histories.start[histories.user[ends].long()][:, None]]
        assert torch.equal(taught.unique(), histories.positions(1))
    distinct = len({tuple(ends.tolist()) for ends in drawn})
    assert distinct == 1 if L == 1 else distinct > 10
