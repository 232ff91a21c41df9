"""Names are those of what was planted, no concept is credited with what another explains, and chance gives none."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
import torch

from caser.data.dataset import from_interactions, split
from caser.explain.concepts import Concept, FilterName, RowName, borne_out, concept_test, concepts_of, ranked
from caser.models import build
from caser.models.caser import CaserConfig
from tests.caser.explained import caser, order_blind

N = 120
GENRES = ("Horror", "Comedy", "Drama")
YEARS = 1950 + np.arange(N) % 50


@pytest.fixture(scope="module")
def films():
    """Films whose genre and year have nothing to do with each other, each watched by everybody."""
    user = np.repeat(np.arange(30), N)
    catalogue = pd.DataFrame(
        {
            "item_id": np.arange(1, N + 1),
            "title": [f"Rocket {i}" if 0 < i < 9 else f"Film Q{chr(65 + i % 26)}{i}x" for i in range(N)],
            "year": YEARS,
            "genres": [(GENRES[i % 3],) for i in range(N)],
        }
    )
    item = np.concatenate([np.roll(np.arange(N), u) for u in range(30)]) + 1
    rating = 1 + (item * 7 % 11) / 3
    return split(from_interactions("planted", user, item, np.arange(len(user)), rating.astype(float), catalogue))


def seeking(values: np.ndarray, rows: dict, **options):
    """A Caser whose filters answer to given values of the films: rows is {(height, index): {row: values}}."""
    torch.manual_seed(0)
    model = build(CaserConfig(d=6, L=3, n_h=2, n_v=1), 30, N).eval().requires_grad_(False)
    model.items.weight[:N] = torch.randn(N, 6, generator=torch.Generator().manual_seed(1)) * 0.3
    for at, given in enumerate(values):
        model.items.weight[:N, at] = torch.as_tensor(given, dtype=torch.float32)
    for (height, index), wanted in rows.items():
        weight = torch.zeros(height, 6)
        for row, at in wanted.items():
            weight[row, abs(at) - 1] = np.sign(at)
        model.horizontal[height - 1][index, 0] = weight
    return model


HORROR = (np.arange(N) % 3 == 0) * 3.0
NEWNESS = (YEARS - 1975) / 10


def test_rows_are_named_by_what_was_planted(films):
    model = seeking([HORROR, NEWNESS], {(1, 0): {0: 1}, (2, 0): {0: 2, 1: -1}, (2, 1): {0: 1, 1: 1}})
    found = concept_test(model, films, permutations=300)
    assert found.name(films, 1, 0).text == "Horror"
    assert found.name(films, 2, 0).text == "newer releases, then no Horror"
    assert found.name(films, 2, 1).text == "Horror, 2 in a row"
    (row,) = found.name(films, 1, 0).rows
    assert row.share > found.name(films, 1, 0).random_share > 0.5  # Horror is the longest of six directions
    assert found.rows(2, 0) == slice(2, 4)
    json.dumps(found.to_dict())


def test_a_high_filter_is_named_by_the_rows_explained_best(films):
    model = seeking([HORROR, NEWNESS], {(3, 0): {0: 1, 2: -2}})
    assert (
        concept_test(model, films, permutations=300).name(films, 3, 0).text == "film 1: Horror, film 3: older releases"
    )


def test_a_period_is_named_that_no_slope_shows(films):
    middle = ((YEARS >= 1966) & (YEARS <= 1982)) * 2.0
    found = concept_test(seeking([middle], {(1, 0): {0: 1}}), films, permutations=300)
    (row,) = found.name(films, 1, 0).rows
    assert row.concept.group == "release"
    assert not row.concept.graded
    low, high = map(int, row.text.removesuffix(" releases").split("–"))
    assert 1960 < low < high < 1990


def test_what_another_concept_explains_is_not_credited(films):
    """Two concepts hang together, and the row answers to one of them."""
    films_at = np.arange(N)
    cause = (films_at % 2).astype(float)
    follower = np.where(films_at % 10 == 0, 1 - cause, cause)  # alike in nine of ten films
    known = (Concept("cause", "cause", "no cause"), Concept("follower", "follower", "no follower"))
    model = seeking([cause], {(1, 0): {0: 1}})
    found = concept_test(model, films, 300, films=films_at, known=(known, np.array([cause, follower])))
    assert found.name(films, 1, 0).text == "cause"
    assert found.p_value[0, 1] > 0.05
    alone = concept_test(model, films, 300, films=films_at, known=(known[1:], follower[None]))
    assert alone.name(films, 1, 0).text == "follower"  # it would have been, had nobody asked for the cause


def test_further_columns_are_concepts(films):
    pages, language = (np.arange(N) * 37 % N) // 7, [("English", "Dutch")[i % 5 == 0] for i in range(N)]
    catalogue = films.dataset.catalogue.assign(pages=pages, language=language)
    films = split(dataclasses.replace(films.dataset, catalogue=catalogue))
    found = concept_test(seeking([pages / 5], {(1, 0): {0: 1}, (1, 1): {0: -1}}), films, permutations=300)
    assert [found.name(films, 1, j).text for j in (0, 1)] == ["high pages", "low pages"]
    groups = {concept.group for concept in found.concepts}
    assert {"genre", "release", "rating", "series", "pages", "language"} <= groups


def test_shuffled_facts_give_no_name(films):
    """Over 20 shuffles of who has which facts, fewer than one in twenty would be expected to name anything."""
    model, (concepts, values) = caser(seed=3), concepts_of(films, np.arange(20))
    rng = np.random.default_rng(0)
    falsely = 0
    for seed in range(20):
        dealt = values[:, rng.permutation(20)]
        found = concept_test(model, films, 200, seed, films=np.arange(20), known=(concepts, dealt))
        falsely += bool((found.p_value < 0.05).any())
    assert falsely <= 3  # each with a chance of 0.05


def test_where_nothing_is_significant_the_strongest_films_name_it(films):
    model = seeking([], {})
    found = concept_test(model, films, permutations=100)
    unnamed = next(at for at in found.filters if not found.name(films, *at).named)
    name = found.name(films, *unnamed)
    assert name.text == f"like {name.films[0].title} and {name.films[1].title}"
    assert name.share == 0


def test_data_without_years_genres_or_ratings_and_models_without_filters(films):
    dataset = films.dataset
    bare = dataset.catalogue[["item_id", "title"]].assign(year=0, genres=[()] * N, title="x")
    blank = split(dataclasses.replace(dataset, catalogue=bare, rating=np.ones_like(dataset.rating)))
    found = concept_test(caser(), blank, permutations=50, films=np.arange(20))
    assert {concept.group for concept in found.concepts} <= {"popularity"}
    assert not any(found.name(blank, *at).named for at in found.filters)
    for model in (caser(n_h=0), *order_blind()):
        assert concept_test(model, films, permutations=20).filters == ()


def test_random_rows_are_not_named_though_they_are_significant(films):
    """Half of the vectors' length is Horror: a random direction goes with it for sure, and no better than another."""
    model = seeking([HORROR, NEWNESS], {(1, 0): {0: 1}})
    rng = torch.Generator().manual_seed(5)
    for weight in list(model.horizontal)[1:]:
        weight.copy_(torch.randn(weight.shape, generator=rng))
    found = concept_test(model, films, permutations=300)
    random = [at for at in found.filters if at[0] > 1]
    assert all((found.p_value[found.rows(*at)] < 0.05).any() for at in random)
    assert sum(found.name(films, *at).named for at in random) <= 1
    assert found.held_out.random.named.mean() / len(found.filters) <= 0.05


def test_a_name_is_borne_out_only_by_films_that_have_it(films):
    tested, horror, not_horror = np.arange(N - 1), 0, 1
    known = concepts_of(films, tested)
    concept = Concept("genre", "Horror", "no Horror")
    seeks, shuns = (RowName(1, text, concept, 0.5, 0.01) for text in ("Horror", "no Horror"))
    for row, fitting, other in ((seeks, horror, not_horror), (shuns, not_horror, horror)):
        name = FilterName(2, 0, row.text, (row,))
        assert borne_out(name, [other, fitting], tested, known)
        assert not borne_out(name, [fitting, other], tested, known)
        assert not borne_out(name, [fitting, N - 1], tested, known)  # a film that was not tested
    assert not borne_out(FilterName(2, 0, "like a and b", ()), [0, 1], tested, known)


def test_ranks_are_not_moved_by_extremes():
    assert ranked(np.array([1.0, 2, 3])).tolist() == ranked(np.array([1.0, 2, 1e9])).tolist()
