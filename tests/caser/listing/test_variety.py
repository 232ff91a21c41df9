"""Lists whose items are not all alike."""

from __future__ import annotations

import numpy as np
import pytest

from caser.field.lists import variety_costs
from caser.listing.variety import varied

rng = np.random.default_rng(0)
VECTORS = rng.normal(size=(40, 6))
RANKED = np.stack([rng.permutation(40)[:20] for _ in range(15)])


def plainly(ranked: list[int], k: int, variety: float) -> list[int]:
    """One list, an item at a time."""
    cosine = lambda a, b: VECTORS[a] @ VECTORS[b] / np.linalg.norm(VECTORS[a]) / np.linalg.norm(VECTORS[b])  # noqa: E731
    chosen, last = [], len(ranked) - 1
    while len(chosen) < k:
        left = [item for item in ranked if item not in chosen]
        worth = [
            (1 - variety) * (1 - ranked.index(item) / last)
            - variety * max((cosine(item, other) for other in chosen), default=0.0)
            for item in left
        ]
        chosen.append(left[int(np.argmax(worth))])
    return chosen


@pytest.mark.parametrize("variety", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_each_item_is_the_best_of_what_is_left(variety):
    found = varied(RANKED, VECTORS, 10, variety)
    assert found.tolist() == [plainly(row, 10, variety) for row in RANKED.tolist()]


def test_without_variety_it_is_the_list_and_with_more_its_items_are_less_alike():
    assert (varied(RANKED, VECTORS, 10, 0.0) == RANKED[:, :10]).all()
    alike = []
    for variety in (0.0, 0.5, 1.0):
        unit = VECTORS[varied(RANKED, VECTORS, 10, variety)]
        unit /= np.linalg.norm(unit, axis=2, keepdims=True)
        alike.append((unit @ unit.swapaxes(1, 2)).mean())
    assert alike == sorted(alike, reverse=True)


def test_short_lists_and_items_without_a_vector():
    assert varied(RANKED[:, :3], VECTORS, 10, 0.5).shape == (15, 3)
    assert varied(RANKED[:, :0], VECTORS, 10, 0.5).shape == (15, 0)
    assert varied(RANKED, np.zeros((40, 6)), 5, 0.9).tolist() == RANKED[:, :5].tolist()


@pytest.mark.parametrize("variety", [-0.1, 1.1, float("nan")])
def test_a_variety_out_of_its_bounds_is_named(variety):
    with pytest.raises(ValueError, match="give a number from 0"):
        varied(RANKED, VECTORS, 10, variety)


def test_the_cost_is_that_of_every_list_counted_by_itself():
    targets = rng.integers(0, 40, len(RANKED))
    costs = variety_costs(RANKED, targets, VECTORS, (0.0, 0.5))
    assert (costs[0.0].hit_rate, costs[0.0].low, costs[0.0].high) == (costs[0.0].before, 0, 0)
    hits = [target in plainly(row, 10, 0.5) for row, target in zip(RANKED.tolist(), targets, strict=True)]
    assert costs[0.5].hit_rate == pytest.approx(np.mean(hits))
    assert costs[0.5].alike < costs[0.5].alike_before
    assert costs[0.5].users == len(RANKED)
