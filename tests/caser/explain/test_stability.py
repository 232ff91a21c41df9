"""Filters come back where they do, whatever their order, and random ones do not count as coming back."""

import copy

import numpy as np
import pytest
import torch

from caser.explain.random_filters import random_directions, random_mixtures
from caser.explain.stability import answers, cka, stability
from tests.caser.explained import caser


@pytest.fixture(scope="module")
def parts():
    from caser.data.dataset import split
    from tests.caser.conftest import make_dataset

    rng = np.random.default_rng(0)
    return split(make_dataset([(u, i + 1, t) for u in range(60) for t, i in enumerate(rng.permutation(20)[:14])], 20))


def reordered(model, order):
    other = copy.deepcopy(model)
    for weight, bias in zip(other.horizontal, other.horizontal_bias, strict=True):
        weight.copy_(weight[order])
        bias.copy_(bias[order])
    return other


def test_the_same_filters_in_another_order_are_found_again(parts):
    model = caser()
    found = stability(model, [reordered(model, [2, 0, 1]), model], parts)
    alive = answers(model, np.arange(4)[None].repeat(2, 0)).shape[1] == len(found.filters)
    assert alive
    fires = found.match[1] > 0.99  # a filter that never fires has nothing to be found by
    assert fires.sum() > 6
    assert np.allclose(found.match[0], found.match[1], atol=1e-5)
    at = found.filters[int(np.flatnonzero(fires)[0])]
    assert found.again(*at) == found.others == 2
    assert found.typical(*at) == pytest.approx(1, abs=1e-5)
    assert found.space == pytest.approx([1, 1], abs=1e-5)
    assert found.always == fires.sum()


def test_filters_turned_within_their_space_are_lost_one_by_one_and_kept_together():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 8))
    x -= x.mean(0)
    turned = x @ np.linalg.qr(rng.normal(size=(8, 8)))[0]
    assert cka(x, turned) == pytest.approx(1)
    assert cka(x, rng.permutation(turned)) < 0.2


def test_untrained_models_are_no_more_alike_than_chance(parts):
    """Their filters are random directions themselves, on film vectors that have nothing in common."""
    found = stability(caser(seed=0), [caser(seed=seed, d=6) for seed in (11, 12)], parts)
    assert not found.filters_beat_chance
    assert not found.space_beats_chance
    assert found.directions.space.mean() > 0.05  # a null that any two sets of answers beat would be near 0


def test_the_same_filters_beat_both_kinds_of_random_ones(parts):
    model = caser()
    found = stability(model, [reordered(model, [1, 2, 0]), model], parts)
    assert found.filters_beat_chance
    assert found.space_beats_chance
    assert found.mixtures.space.mean() > found.directions.space.mean() > 0


@pytest.mark.parametrize("random", [random_directions, random_mixtures])
def test_random_filters_keep_size_and_bias_and_leave_the_model_alone(random):
    model = caser()
    before, twin = copy.deepcopy(model.state_dict()), random(model, seed=1)
    for own, other in zip(model.horizontal, twin.horizontal, strict=True):
        assert torch.allclose(own.flatten(1).norm(dim=1), other.flatten(1).norm(dim=1))
        assert not torch.allclose(own, other)
    assert twin.items.weight is model.items.weight
    assert all(torch.equal(before[name], now) for name, now in model.state_dict().items())
    assert torch.equal(random(model, seed=1).horizontal[0], twin.horizontal[0])


def test_models_of_other_shapes_are_refused(parts):
    with pytest.raises(ValueError, match="different filters"):
        stability(caser(), [caser(n_h=2)], parts)


def test_a_filter_that_never_answers_matches_nothing(parts):
    model = caser()
    model.horizontal_bias[0, 0] = -1e6
    found = stability(model, [model], parts)
    assert found.match[0, 0] == 0
    assert torch.isfinite(torch.as_tensor(found.match)).all()
