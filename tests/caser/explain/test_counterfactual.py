from itertools import permutations

import numpy as np
import pytest
import torch

from caser.explain.counterfactual import masking, order_effect, shapley
from caser.recommend import rank_of, score_catalogue
from tests.caser.explained import CONTEXTS, HISTORIES, N_ITEMS, L, caser, every_switch, order_blind, score


@every_switch
def test_shapley_values_share_out_the_score(switches):
    model = caser(*switches)
    for user, history in CONTEXTS:
        found = shapley(model, user, history, 6)
        assert sum(found.values) == pytest.approx(found.full - found.empty, abs=1e-4)
        assert found.full == pytest.approx(score(model, user, history, 6), abs=1e-4)
        assert found.exact
        assert not any(found.margin)


def test_shapley_values_are_the_mean_gain_over_all_orders_of_joining():
    model, history, item = caser(), HISTORIES["full"], 6
    gains = np.zeros(L)
    orders = list(permutations(range(L)))
    for order in orders:
        shown = [N_ITEMS] * L
        for position in order:
            before = score(model, 1, shown, item)
            shown[position] = history[position]
            gains[position] += score(model, 1, shown, item) - before
    assert shapley(model, 1, history, item).values == pytest.approx(gains / len(orders), abs=1e-5)


def test_padding_gets_nothing():
    assert shapley(caser(), 1, HISTORIES["short"], 6).values[:2] == (0, 0)
    assert shapley(caser(), 1, [], 6).values == (0, 0, 0, 0)


def test_sampled_shapley_values_sum_exactly_and_cover_the_exact_ones(monkeypatch):
    model, history = caser(L=8), list(range(8))
    exact = shapley(model, 1, history, 12)
    monkeypatch.setattr("caser.explain.counterfactual.EXACT_SHAPLEY", 3)
    sampled = shapley(model, 1, history, 12, samples=600)
    assert exact.exact
    assert not sampled.exact
    assert sum(sampled.values) == pytest.approx(sampled.full - sampled.empty, abs=1e-4)
    off = np.abs(np.subtract(sampled.values, exact.values))
    assert (off <= 2 * np.array(sampled.margin) + 1e-6).all()
    assert min(sampled.margin) > 0
    assert sampled == shapley(model, 1, history, 12, samples=600)


def test_more_films_than_coalitions_allow_are_sampled():
    found = shapley(caser(L=12), 1, list(range(12)), 15, samples=20)
    assert not found.exact
    assert sum(found.values) == pytest.approx(found.full - found.empty, abs=1e-4)


def test_the_order_effect_is_the_score_against_all_orders():
    model, history, item = caser(), HISTORIES["full"], 6
    scores = [score(model, 1, list(order), item) for order in permutations(history)]
    found = order_effect(model, 1, history, item)
    actual = score(model, 1, history, item)
    assert (found.orders, found.exact, found.margin) == (24, True, 0)
    assert found.score == pytest.approx(actual, abs=1e-5)
    assert found.mean == pytest.approx(np.mean(scores), abs=1e-5)
    assert found.effect == pytest.approx(actual - np.mean(scores), abs=1e-5)
    assert found.share_lower == pytest.approx(np.mean(np.array(scores) < actual - 1e-6))
    catalogues = [score_catalogue(model, 1, order) for order in permutations(history)]
    assert found.median_rank == np.median([rank_of(s, item, history) for s in catalogues])
    assert found.rank == rank_of(score_catalogue(model, 1, history), item, history)


def test_order_means_nothing_to_a_model_that_does_not_read_it():
    for model in (*order_blind(), caser(n_h=0, n_v=0)):
        found = order_effect(model, 1, HISTORIES["full"], 6)
        assert found.effect == pytest.approx(0, abs=1e-6)
        assert found.share_lower == 0
        assert found.rank == found.median_rank


def test_one_film_has_one_order():
    for history in ([], [5]):
        found = order_effect(caser(), 1, history, 6)
        assert (found.orders, found.effect) == (1, pytest.approx(0, abs=1e-6))


def test_many_orders_are_sampled_with_an_interval(monkeypatch):
    model, history = caser(L=6), list(range(6))
    exact = order_effect(model, 1, history, 12)
    monkeypatch.setattr("caser.explain.counterfactual.EXACT_ORDER", 3)
    sampled = order_effect(model, 1, history, 12, samples=300)
    assert (exact.exact, exact.orders) == (True, 720)
    assert (sampled.exact, sampled.orders) == (False, 300)
    assert 0 < abs(sampled.mean - exact.mean) < 2 * sampled.margin


def test_masking_scores_and_ranks_every_subset():
    model, history, item = caser(), HISTORIES["full"], 6
    found = masking(model, 1, history, item)
    assert len({m.dropped for m in found}) == 16
    assert found[0].dropped == ()
    for masked in found:
        shown = [N_ITEMS if at in masked.dropped else film for at, film in enumerate(history)]
        scores = score_catalogue(model, 1, shown)
        assert masked.score == pytest.approx(scores[item], abs=1e-5)
        assert masked.rank == rank_of(scores, item, history)


def test_masking_chosen_subsets():
    model = caser()
    chosen = masking(model, 1, HISTORIES["full"], 6, [(3,), (0, 2), ()])
    everything = {m.dropped: m for m in masking(model, 1, HISTORIES["full"], 6)}
    for masked in chosen:
        assert masked.score == pytest.approx(everything[masked.dropped].score, abs=1e-5)
    assert len(masking(model, 1, HISTORIES["short"], 6)) == 4
    assert masking(model, 1, HISTORIES["full"], 6, []) == ()
    assert len(masking(order_blind()[0], 1, [1, 2], 6)) == 1
    with pytest.raises(ValueError, match="positions 0 to 3"):
        masking(model, 1, [1], 6, [(4,)])
    with pytest.raises(ValueError, match="4,096 subsets"):
        masking(caser(L=12), 1, list(range(12)), 15)


def test_the_film_asked_about_may_have_been_seen():
    scores = score_catalogue(caser(), 1, HISTORIES["full"])
    assert masking(caser(), 1, HISTORIES["full"], 3, [()])[0].rank == rank_of(scores, 3, [7, 11, 0])


def test_ties_count_a_half():
    mf, _ = order_blind()
    mf.items.weight.zero_()
    mf.item_bias.zero_()
    assert torch.equal(mf.item_bias, torch.zeros(N_ITEMS))
    assert masking(mf, 1, [0, 1], 6)[0].rank == 1 + 17 / 2
