"""A planted pattern is found in the filter that was made for it, and in no other: nor by chance, nor turned round."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from caser import data
from caser.data import cinema
from caser.data.dataset import split
from caser.explain.concepts import Concept, RowName, concept_test, concepts_of
from caser.explain.planted import clearness, patterns
from caser.models import build
from caser.models.caser import CaserConfig

D = 24
HORROR, DRAMA, SERIES = range(3)  # the vectors' planted directions
MADE = {(2, 0): {0: HORROR}, (2, 1): {0: DRAMA, 1: DRAMA}, (3, 0): {1: SERIES}}  # rows by (height, index)


@pytest.fixture(scope="module")
def parts():
    return split(data.load("cinema"))


@pytest.fixture(scope="module")
def facts(parts):
    """float64 (3, n): horror, drama, and films of a series."""
    concepts, values = concepts_of(parts, np.arange(parts.dataset.n_items))
    wanted = [next(c for c in concepts if c.seeks == seeks) for seeks in ("Horror", "Drama", "films of a series")]
    return values[[concepts.index(concept) for concept in wanted]]


def made(parts, facts, rows=MADE, raises=1.0):
    """A Caser whose filters seek what `rows` says and raise what is planted after it by one hidden unit each."""
    torch.manual_seed(0)
    n = parts.dataset.n_items
    model = build(CaserConfig(d=D, L=4, n_h=2, n_v=1, p=False), 1, n).eval().requires_grad_(False)
    model.items.weight[:n] = torch.randn(n, D, generator=torch.Generator().manual_seed(1))
    model.items.weight[:n, : len(facts)] = torch.as_tensor(3.0 * facts.T, dtype=torch.float32)
    films = cinema.catalogue().iloc[parts.dataset.item_ids - 1]
    comes_next = [
        films["primary_genre"].isin(cinema.CLEANSING_GENRES),
        films["primary_genre"] == "Drama",
        facts[SERIES],
    ]
    model.hidden.weight.zero_()
    model.hidden.bias.fill_(0.1)
    model.output.weight.zero_()
    for unit, ((height, index), wanted) in enumerate(rows.items()):
        weight = torch.zeros(height, D)
        for row, direction in wanted.items():
            weight[row, direction] = 1.0
        model.horizontal[height - 1][index, 0] = weight
        model.hidden.weight[unit, D + (height - 1) * 2 + index] = 1.0
        model.output.weight[:, unit] = torch.as_tensor(raises * np.asarray(comes_next[unit]), dtype=torch.float32)
    return model


def found(model, parts):
    """The filter of every pattern, by the pattern's name."""
    return {one.name: one.filter for one in patterns(model, parts, concept_test(model, parts, permutations=200))}


def test_every_pattern_is_found_in_the_filter_made_for_it(parts, facts):
    assert found(made(parts, facts), parts) == {"palate cleanser": "2a", "binge": "2b", "saga": "3a"}


def test_horror_in_the_last_place_is_no_cleanser_and_one_drama_no_binge(parts, facts):
    turned = {(2, 0): {1: HORROR}, (2, 1): {0: DRAMA}, (3, 0): {1: SERIES}}
    assert found(made(parts, facts, turned), parts) == {"palate cleanser": "", "binge": "", "saga": "3a"}


def test_a_filter_that_lowers_what_comes_next_does_not_have_the_pattern(parts, facts):
    every = patterns(*(model := made(parts, facts, raises=-1.0), parts), concept_test(model, parts, permutations=200))
    assert [one.filter for one in every] == ["", "", ""]
    assert all(one.share > 0 and one.adds < 0 for one in every)
    json.dumps([one.to_dict() for one in every])


def test_random_filters_have_none(parts):
    for seed in range(4):
        torch.manual_seed(seed)
        model = build(CaserConfig(d=D, L=4, n_h=6, n_v=1, p=False), 1, parts.dataset.n_items)
        assert set(found(model.eval().requires_grad_(False), parts).values()) == {""}


def test_what_random_filters_reach_as_clearly_is_not_claimed(parts, facts, monkeypatch):
    model = made(parts, facts)
    test = concept_test(model, parts, permutations=200)
    own = {at: test.row_names(*at) for at in test.filters}
    monkeypatch.setattr("caser.explain.planted.random_row_names", lambda *_: [own] * 100)
    assert [(one.at, one.chance) for one in patterns(model, parts, test)] == [(None, 1.0)] * 3


def test_without_planted_patterns_or_without_the_comparison_nothing_is_claimed(parts, facts):
    model = made(parts, facts)
    test = concept_test(model, parts, permutations=20)
    other = dataclasses.replace(parts, dataset=dataclasses.replace(parts.dataset, name="other"))
    assert patterns(model, other, test) == ()
    older = dataclasses.replace(test, held_out=None)
    assert [one.filter for one in patterns(model, parts, older)] == ["", "", ""]


def test_clearness_is_the_least_share_of_the_rows_that_must_seek():
    cleanser, binge, saga = cinema.planted(data.load("cinema"))
    horror, comedy = (Concept("genre", name, f"no {name}") for name in ("Horror", "Comedy"))
    series = Concept("series", "Rocky films", "no Rocky film")

    def row(concept, share=0.3, seeks=True):
        return RowName(0, concept.seeks if seeks else concept.shuns, concept, share, 0.01)

    assert clearness(cleanser, [None, row(horror, 0.2), row(comedy)]) == 0.2
    assert clearness(cleanser, [row(horror), row(horror)]) == 0  # that is a binge
    assert clearness(cleanser, [row(horror, seeks=False), None]) == 0
    assert clearness(cleanser, [row(horror)]) == 0
    assert clearness(binge, [row(horror, 0.2), row(horror, 0.4)]) == 0.2
    assert clearness(binge, [row(horror), row(comedy)]) == clearness(binge, [None, row(comedy)]) == 0
    assert clearness(saga, [row(comedy), row(series, 0.25)]) == 0.25
    assert clearness(saga, [row(series, seeks=False)]) == 0
