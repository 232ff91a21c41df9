"""What the order of the films does to one film's rank, in words."""

from __future__ import annotations

from caser.dashboard import reason
from caser.explain.counterfactual import order_effect
from tests.caser.explained import caser

HISTORY = [1, 2, 3, 4]
ITEM = 7


def test_an_order_that_matters_is_said_with_both_ranks():
    effect = order_effect(caser(), 1, HISTORY, ITEM)
    said = reason.order(effect, "Jaws")
    assert "all 24 orders of the same films" in said
    assert f"{effect.rank:.0f}" in said


def test_an_order_blind_score_is_said_to_be_one():
    effect = order_effect(caser(n_h=0, n_v=0), 1, HISTORY, ITEM)
    assert reason.order(effect, "Jaws") == "Order makes no difference to Jaws"


def test_one_film_has_no_order():
    assert "no order" in reason.order(order_effect(caser(), 1, [3], ITEM), "Jaws")
