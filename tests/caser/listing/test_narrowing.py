"""A list that is narrowed holds what a plain look at every item leaves, in the order of all."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from caser import data
from caser.data.dataset import Dataset, from_interactions
from caser.listing.narrowing import EVERYTHING, column_written, further_columns, genres_of, narrowing, written
from caser.models import ANONYMOUS, Caser
from caser.models.caser import CaserConfig
from caser.recommend import OF_ALL, rank_all, rank_items, recommend, score_catalogue

GENRES = ("Drama", "Comedy", "War", "Poetry, in parts")


def made() -> Dataset:
    """Items with columns of their own, some without a year, a genre or a number."""
    rng, n = np.random.default_rng(3), 60
    ids = np.arange(1, n + 1)
    catalogue = pd.DataFrame(
        {
            "item_id": ids,
            "title": [f"Tale {own}" for own in ids],
            "year": np.where(ids % 7, 1960 + ids % 40, 0),
            "genres": [tuple(g for g in GENRES if rng.random() < 0.3) for _ in ids],
            "pages": np.where(ids % 5, ids * 10.0, np.nan),
            "shelf": [None if own % 11 == 0 else "ABC"[own % 3] for own in ids],
        }
    )
    user = np.repeat(np.arange(40), 12)
    item = np.concatenate([rng.choice(ids, 12, replace=False, p=ids / ids.sum()) for _ in range(40)])
    return from_interactions("tales", user, item, np.arange(len(user)), np.ones(len(user)), catalogue)


@pytest.fixture(scope="module", params=["tales", "cinema", "ml-100k"])
def dataset(request):
    if request.param == "tales":
        return made()
    if not data.available(request.param):
        pytest.skip(f"{request.param} is not on this machine")
    return data.load(request.param)


@pytest.fixture(scope="module")
def scored(dataset):
    """A model with random weights, one visitor's history and every item's score."""
    model = Caser(CaserConfig(d=4, L=3), dataset.n_users, dataset.n_items).eval()
    history = dataset.item[:9].tolist()
    return model, history, score_catalogue(model, ANONYMOUS, history)


def asked(dataset: Dataset, rng: np.random.Generator) -> dict:
    """Conditions as somebody may write them."""
    some = lambda values, most: [str(v) for v in rng.permutation(values)[: rng.integers(0, most + 1)]]  # noqa: E731
    ends = sorted(int(end) for end in rng.integers(1930, 2000, 2))
    columns = {
        "pages": f"pages={rng.integers(0, 300)}-{rng.integers(300, 700)}",
        "shelf": f"Shelf={'|'.join(rng.permutation(['a', 'B', 'C'])[:2])}",
    }
    return {
        "genres": [genre.upper() for genre in some(genres_of(dataset), 3)],
        "not_genres": some(genres_of(dataset), 2),
        "years": str(rng.choice(["", f"{ends[0]}-{ends[1]}", f"{ends[0]}-", f"-{ends[1]}"])),
        "viewers": str(rng.choice(["", "5-", "-40", "3-60"])),
        "columns": [columns[name] for name in further_columns(dataset) if name in columns and rng.random() < 0.5],
        "without": rng.integers(0, dataset.n_items, rng.integers(0, 30)).tolist(),
    }


def inside(text: str, value: float) -> bool:
    low, _, high = text.partition("-")
    return (not low or value >= float(low)) and (not high or value <= float(high))


def plainly(dataset: Dataset, wanted: dict, item: int) -> bool:
    """Whether one item may be listed, by a look at its row."""
    row, views = dataset.catalogue.iloc[item], int((dataset.item == item).sum())
    genres = {genre.upper() for genre in row["genres"]}
    fits = not wanted["genres"] or any(genre in genres for genre in wanted["genres"])
    fits &= not any(genre.upper() in genres for genre in wanted["not_genres"])
    fits &= not wanted["years"] or (row["year"] > 0 and inside(wanted["years"], row["year"]))
    fits &= not wanted["viewers"] or inside(wanted["viewers"], views)
    for text in wanted["columns"]:
        name, _, value = text.partition("=")
        cell = row[name.lower()]
        fits &= not pd.isna(cell) and (
            inside(value, cell) if name == "pages" else str(cell).lower() in value.lower().split("|")
        )
    return bool(fits) and item not in wanted["without"]


@pytest.mark.parametrize("seeds", [range(first, first + 50) for first in range(0, 200, 50)], ids=lambda seeds: seeds[0])
def test_the_list_is_that_of_a_plain_look_at_every_item(dataset, scored, seeds):
    for seed in seeds:
        is_that_of_a_plain_look(dataset, scored, seed)


def is_that_of_a_plain_look(dataset, scored, seed) -> None:
    model, history, scores = scored
    wanted = asked(dataset, np.random.default_rng(seed))
    conditions = narrowing(dataset, **wanted)
    everything, ranks = rank_items(scores, dataset.n_items, history), rank_all(scores, history)
    expected = []
    for item in everything.tolist():  # the best first
        if len(expected) < 10 and plainly(dataset, wanted, item):
            expected.append(item)
    if not expected:
        with pytest.raises(ValueError, match="is left of"):
            recommend(model, dataset, ANONYMOUS, history, narrowing=conditions)
        return
    films = recommend(model, dataset, ANONYMOUS, history, narrowing=conditions)
    assert films.index.tolist() == expected
    assert films["rank"].tolist() == list(range(1, len(expected) + 1))
    if conditions:
        assert films[OF_ALL].tolist() == ranks[expected].tolist()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"genres": ["Comdy"]}, "no genre 'Comdy' in tales; give one of Comedy"),
        ({"not_genres": [""]}, "no genre '' in tales"),
        ({"years": "1989-1980"}, "years '1989-1980' has the larger number first; write 1980-1989"),
        ({"years": "the eighties"}, "write 1980-1989, 1980- for at least"),
        ({"viewers": "-"}, "viewers '-' is no span"),
        ({"columns": ["pages"]}, "write it as NAME=VALUE"),
        ({"columns": ["pags=3"]}, "no further column 'pags' in tales; give one of pages, shelf"),
        ({"columns": ["shelf=Z"]}, "no value of shelf 'Z' in tales; give one of A, B, C"),
        ({"columns": ["pages=many"]}, "pages 'many' is no span"),
        ({"genres": ["x" * 10_000]}, "no genre 'xxxx"),
    ],
)
def test_what_cannot_be_is_named_with_what_there_is(wanted, said):
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        narrowing(made(), **wanted)
    assert len(str(error.value)) < 300


def test_nothing_left_says_which_condition_to_drop():
    tales = made()
    every = list(range(tales.n_items))
    assert f"without 'without {tales.n_items} films'" in narrowing(tales, ["war"], without=every).nothing_left(tales)
    both = narrowing(tales, ["war"], ["war"], without=every)
    assert "drop some of these conditions" in both.nothing_left(tales)
    assert EVERYTHING.nothing_left(tales, every) == ""
    assert "without 'War'" in narrowing(tales, ["war"]).nothing_left(tales, _of(tales, "War"))


def _of(dataset: Dataset, genre: str) -> list[int]:
    return [item for item, genres in enumerate(dataset.catalogue["genres"]) if genre in genres]


def test_conditions_are_read_as_they_are_written():
    tales = made()
    wanted = narrowing(
        tales, ["war"], years="1970-", viewers="-9", columns=["pages=20-400.5", "shelf=a|b"], without=[3]
    )
    again = narrowing(
        tales,
        wanted.genres,
        years=written(wanted.years),
        viewers=written(wanted.viewers),
        columns=[column_written(*column) for column in wanted.columns],
        without=[3],
    )
    assert again == wanted
    assert wanted.said(tales) == (
        "War · at least 1970 · watched at most 9 times · pages 20–400.5 · shelf A or B · without 1 film"
    )


def test_a_set_without_genres_says_so():
    tales = made()
    bare = replace(tales, catalogue=tales.catalogue.assign(genres=[()] * tales.n_items))
    with pytest.raises(ValueError, match="tales has no genres"):
        narrowing(bare, ["Drama"])


def test_addresses_of_items_are_no_condition():
    dataset = made()
    linked = replace(dataset, catalogue=dataset.catalogue.assign(url="https://example.org/"))
    assert further_columns(linked) == further_columns(dataset)
