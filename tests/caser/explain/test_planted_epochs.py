"""What the filters of an epoch look for, from what is kept of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from caser import checkpoint
from caser.data.cinema import planted
from caser.explain.concepts import concept_test
from caser.explain.filters import filter_weights, horizontal_filters, vertical_weights
from caser.explain.planted import Formed, blends_of, filters_of, formed, patterns


@pytest.fixture(scope="module")
def shipped():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CASER_CHECKPOINT_DIR", raising=False)
        return checkpoint.load("cinema-caser")


def snapshot_of(model):
    return dict(model.named_parameters())


def test_filters_are_those_of_the_model_by_height_and_index(shipped):
    model = shipped.model
    filters = filters_of(snapshot_of(model))
    assert list(filters) == horizontal_filters(model)
    assert all(np.array_equal(filters[at], filter_weights(model, *at)) for at in filters)
    assert np.array_equal(blends_of(snapshot_of(model)), vertical_weights(model))


def test_the_last_epoch_says_what_the_model_says(shipped, cinema_split):
    test = concept_test(shipped.model, cinema_split, permutations=200)
    found = formed(snapshot_of(shipped.model), cinema_split)
    assert found.names == {
        at: test.name(cinema_split, *at).text for at in test.filters if test.name(cinema_split, *at).named
    }
    whole = {pattern.rule: pattern.filter for pattern in patterns(shipped.model, cinema_split, test)}
    assert found.planted.keys() == {pattern.rule for pattern in planted(cinema_split.dataset)}
    assert all(found.planted[rule] == name for rule, name in whole.items() if name)


def test_noise_looks_for_nothing_planted(cinema_split):
    torch.manual_seed(0)
    noise = {f"horizontal.{h}": torch.randn(4, 1, h + 1, 10) for h in range(5)}
    noise["items.weight"] = torch.randn(cinema_split.dataset.n_items + 1, 10)
    assert not any(formed(noise, cinema_split).planted.values())


def test_without_the_films_vectors_nothing_is_said(cinema_split):
    assert formed({"horizontal.0": torch.ones(1, 1, 1, 3)}, cinema_split) == Formed()
    assert formed({"items.weight": torch.ones(3, 3)}, cinema_split) == Formed()
