"""What the rows of horizontal filters respond to, in words: genre, release, rating level, popularity, series.

A row responds to each film with one inner product, so its responses over the catalogue can be compared with anything
that is known of the films. Concepts hang together (old films are rated higher), so each counts only for what those
of all other groups leave unexplained, and all rows and concepts are tested together. Random directions in the films'
vectors pass that test, too, since the vectors themselves hold genres and years: a name has to beat theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from caser import data
from caser.data import titles
from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS, URL, Split
from caser.data.text import is_film, plural
from caser.explain.filters import filter_weights, horizontal_filters
from caser.explain.preferences import often_watched
from caser.explain.random_filters import Baseline, baseline, significant
from caser.explain.records import Film, Record, film
from caser.explain.shares import Nested, halves, held_out, p_values
from caser.models import Recommender
from caser.recommend import to_numpy

LEAST = 5  # films inside and outside a concept, or it is not tested
SHORTEST_SERIES = 3  # films
MOST_LEVELS = 30  # of a column of words that is taken as a concept each
PERIODS = 6  # of about as many films each
ANY = "any"  # what a row without a name seeks
MOST_ROWS = 2  # named one by one


@dataclass(frozen=True)
class Concept(Record):
    """Something films share, or have more or less of.

    Attributes:
        group: concepts of one group are not untangled from each other: "genre", "release", "rating", "popularity",
            "series" or a further column's name.
        seeks, shuns: what a row is called that responds to it with a higher or a lower value than to other films.
        graded: more or less of it, by rank; else a film has it or not.
    """

    group: str
    seeks: str
    shuns: str
    graded: bool = False


@dataclass(frozen=True)
class RowName(Record):
    """The concept that explains a row's responses by more than chance, and more than random filters' are explained.

    Attributes:
        row: from the oldest film. share: of the responses' variance, beyond what other groups explain, on films
            that the concept was not chosen on.
    """

    row: int
    text: str
    concept: Concept
    share: float
    p_value: float


@dataclass(frozen=True)
class FilterName(Record):
    """What a filter is called.

    Attributes:
        text: from its named rows, the oldest film first; where there are none, its two strongest films.
        rows: the named rows. films: the two films, where they name it.
        random_share: what the best row of 95 % of random filters of this height stays below; None if not measured.
    """

    height: int
    index: int
    text: str
    rows: tuple[RowName, ...]
    films: tuple[Film, ...] = ()
    random_share: float | None = None

    @property
    def named(self) -> bool:
        """Whether a concept names it."""
        return bool(self.rows)

    @property
    def share(self) -> float:
        """The largest share of variance that a name of its rows explains; 0 without."""
        return max((row.share for row in self.rows), default=0.0)


@dataclass(frozen=True, eq=False)
class HeldOut(Record):
    """What names stand on: concepts chosen on one half of the films and measured on the other.

    Attributes:
        concept: int64 (rows,), -1 where the halves choose different ones. share: float64 (rows,), held out.
        random: what random filters reach in the same way.
    """

    concept: np.ndarray
    share: np.ndarray
    random: Baseline


@dataclass(frozen=True, eq=False)
class ConceptTest(Record):
    """Every row of every horizontal filter against every concept.

    Attributes:
        filters: (height, index) of each; their rows follow one another.
        correlation: float32 (rows, concepts), partial: given all other groups. share: float32 (rows, concepts), of a
            row's variance that the concept adds to what the other groups explain.
        p_value: float64 (rows, concepts), corrected for all rows and concepts together.
        explained: float32 (rows,), of a row's variance by all concepts at once.
        n_films: tested on. strongest: int64 (filters, 2), the two films that excite any row of a filter most.
        held_out: None where random filters were not compared (an older file); then nothing has a name.
    """

    concepts: tuple[Concept, ...]
    filters: tuple[tuple[int, int], ...]
    correlation: np.ndarray
    share: np.ndarray
    p_value: np.ndarray
    explained: np.ndarray
    strongest: np.ndarray
    n_films: int
    held_out: HeldOut | None = None

    @cached_property
    def _starts(self) -> dict[tuple[int, int], int]:
        ends = np.cumsum([0, *(height for height, _ in self.filters)])
        return dict(zip(self.filters, ends.tolist(), strict=False))

    def rows(self, height: int, index: int) -> slice:
        """Where a filter's rows are."""
        start = self._starts[height, index]
        return slice(start, start + height)

    def row_names(self, height: int, index: int) -> tuple[RowName | None, ...]:
        """A name for each row that has one."""
        if self.held_out is None:
            return (None,) * height
        rows, held = self.rows(height, index), self.held_out
        tested = (values[rows] for values in (self.correlation, self.p_value, held.concept, held.share))
        return _row_names(self.concepts, *tested, held.random.share_95[height - 1])

    @cached_property
    def named(self) -> int:
        """How many filters have a name."""
        return sum(any(self.row_names(*at)) for at in self.filters)

    @property
    def beats_random(self) -> bool:
        """Whether more filters have a name than in 95 % of sets of as many random ones."""
        return self.held_out is not None and self.named > np.quantile(self.held_out.random.named, 0.95)

    def name(self, split: Split, height: int, index: int) -> FilterName:
        """What a filter is called."""
        rows = self.row_names(height, index)
        named = tuple(row for row in rows if row)
        random = float(self.held_out.random.share_95[height - 1]) if self.held_out else None
        if named:
            return FilterName(height, index, _joined(rows, data.noun(split.dataset.name)), named, (), random)
        strongest = self.strongest[self.filters.index((height, index))]
        films = tuple(film(split.dataset, int(item)) for item in strongest)
        return FilterName(height, index, "like " + " and ".join(f.title for f in films), (), films, random)


def _row_names(
    concepts: Sequence[Concept],
    correlation: np.ndarray,
    p_value: np.ndarray,
    concept: np.ndarray,
    share: np.ndarray,
    random_share: float,
) -> tuple[RowName | None, ...]:
    """A name for each row whose concept is significant and explains more than random filters' do."""
    good = significant(concept, p_value) & (share > random_share)
    names: list[RowName | None] = [None] * len(concept)
    for row in np.flatnonzero(good):
        best = concepts[concept[row]]
        text = best.seeks if correlation[row, concept[row]] > 0 else best.shuns
        names[row] = RowName(int(row), text, best, float(share[row]), float(p_value[row, concept[row]]))
    return tuple(names)


def borne_out(name: FilterName, under: Sequence[int], films: np.ndarray, known: Known) -> bool:
    """Whether the films under a filter's named rows have what the rows seek, and lack what they shun.

    A graded concept is had above its median. A film that was not tested bears nothing out.

    Args:
        under: dense ids, one for each row, the oldest first. films, known: int64 (n,) and `concepts_of` them.
    """
    place = {int(item): column for column, item in enumerate(films)}
    concepts, values = known
    for row in name.rows:
        column = place.get(under[row.row])
        if column is None or row.concept not in concepts:
            return False
        if (values[concepts.index(row.concept), column] > 0.5) != (row.text == row.concept.seeks):
            return False
    return name.named


def _joined(rows: Sequence[RowName | None], noun: str) -> str:
    """The rows in order; of a high filter the two that are explained best."""
    texts = [row.text if row else ANY for row in rows]
    if len(set(texts)) == 1 and len(texts) > 1:
        return f"{texts[0]}, {len(texts)} in a row"
    if len(texts) <= MOST_ROWS:
        return ", then ".join(texts)
    best = sorted(filter(None, rows), key=lambda row: -row.share)[:2]
    return ", ".join(f"{noun} {row.row + 1}: {row.text}" for row in sorted(best, key=lambda row: row.row))


# ---- what is known of the films


Known = tuple[tuple[Concept, ...], np.ndarray]


def concepts_of(split: Split, films: np.ndarray) -> Known:
    """Everything to test on some films: the concepts, and float64 (concepts, n), how much of each a film has.

    Args:
        films: int64 (n,).
    """
    tested = [
        (concept, values)
        for group in (_genres, _releases, _ratings, _popularity, _series, _further)
        for concept, values in group(split, films)
        if _telling(concept, values)
    ]
    values = np.array([v for _, v in tested]).reshape(len(tested), len(films))
    return tuple(concept for concept, _ in tested), values


def _telling(concept: Concept, values: np.ndarray) -> bool:
    """Whether enough films have it and lack it, or have more of it than others."""
    if concept.graded:
        return len(np.unique(values)) > LEAST
    least = SHORTEST_SERIES if concept.group == "series" else LEAST
    return least <= values.sum() <= len(values) - LEAST


Found = Iterator[tuple[Concept, np.ndarray]]


def _genres(split: Split, films: np.ndarray) -> Found:
    lists = split.dataset.catalogue["genres"].iloc[films]
    for name in sorted({name for genres in lists for name in genres}):
        yield Concept("genre", name, f"no {name}"), np.array([float(name in genres) for genres in lists])


def _releases(split: Split, films: np.ndarray) -> Found:
    """By rank, and by periods, since a row may seek the nineties and not the years before and after."""
    years = split.dataset.catalogue["year"].to_numpy()[films]
    known = years > 0
    if known.mean() < 0.5:
        return
    years = np.where(known, years, np.median(years[known]))
    yield Concept("release", "newer releases", "older releases", graded=True), ranked(years)
    edges = np.unique(np.quantile(years[known], np.linspace(0, 1, PERIODS + 1)[1:-1]).astype(int))
    for low, high in zip([years.min(), *(edges + 1)], [*edges, years.max()], strict=True):
        if low <= high:
            text = f"{low:.0f} releases" if low == high else f"{low:.0f}–{high:.0f} releases"
            yield Concept("release", text, f"no {text}"), ((years >= low) & (years <= high) & known).astype(float)


def _ratings(split: Split, films: np.ndarray) -> Found:
    total = np.bincount(split.dataset.item, weights=split.dataset.rating, minlength=split.dataset.n_items)
    mean = (total / np.maximum(split.dataset.views, 1))[films]
    yield Concept("rating", "the highly rated", "the poorly rated", graded=True), ranked(mean)


def _popularity(split: Split, films: np.ndarray) -> Found:
    views = split.dataset.views[films]
    done = "watched" if is_film(data.noun(split.dataset.name)) else "picked"
    yield Concept("popularity", f"the much {done}", f"the little {done}", graded=True), ranked(views)


def _series(split: Split, films: np.ndarray) -> Found:
    """What belongs to any series that titles show, and each series of films enough."""
    of = np.array(titles.series(split.dataset.catalogue["title"].tolist()), object)[films]
    noun = data.noun(split.dataset.name)
    several = plural(noun)
    yield Concept("series", f"{several} of a series", f"no {noun} of a series"), (of != "").astype(float)
    for name in sorted(set(of) - {""}):
        yield Concept("series", f"{name} {several}", f"no {name} {noun}"), (of == name).astype(float)


def _further(split: Split, films: np.ndarray) -> Found:
    """Columns that only some data sets have: numbers by rank, words of few different values each for itself."""
    catalogue = split.dataset.catalogue
    for column in catalogue.columns.difference([*CATALOGUE_COLUMNS, *LINK_COLUMNS, URL], sort=False):
        values = catalogue[column].iloc[films]
        if pd.api.types.is_numeric_dtype(values) and values.notna().mean() >= 0.5:
            filled = values.fillna(values.median()).to_numpy(float)
            yield Concept(column, f"high {column}", f"low {column}", graded=True), ranked(filled)
        elif values.nunique() <= MOST_LEVELS:
            for level in sorted(values.dropna().astype(str).unique()):
                yield Concept(column, f"{column} {level}", f"no {column} {level}"), (values == level).to_numpy(float)


def ranked(values: np.ndarray) -> np.ndarray:
    """Ranks from 0 to 1, ties their mean, so that a few extreme films decide nothing.

    >>> ranked(np.array([5, 9, 5, 70])).tolist()
    [0.125, 0.5, 0.125, 0.75]
    """
    return (pd.Series(values).rank().to_numpy() - 1) / max(len(values), 1)


# ---- the test


Filters = dict[tuple[int, int], np.ndarray]  # float (height, d), one row for each film, by (height, index)


def concept_test(
    model: Recommender,
    split: Split,
    permutations: int = 1000,
    seed: int = 0,
    films: np.ndarray | None = None,
    known: Known | None = None,
) -> ConceptTest:
    """`concept_test_of` of a model's horizontal filters."""
    filters = {at: filter_weights(model, *at) for at in horizontal_filters(model)}
    rows = to_numpy(model.items.weight) if filters else np.zeros((split.dataset.n_items, 0))
    return concept_test_of(filters, rows, split, permutations, seed, films, known)


def concept_test_of(
    filters: Filters,
    rows: np.ndarray,
    split: Split,
    permutations: int = 1000,
    seed: int = 0,
    films: np.ndarray | None = None,
    known: Known | None = None,
) -> ConceptTest:
    """Test every row of every filter for every concept, be they a trained model's or those of an epoch.

    What the concepts of all other groups explain is first taken out of a row's responses and of the concept (nested
    regression). What is left of the responses is dealt out among the films anew, `permutations` times, for all rows and
    concepts at once (Freedman & Lane 1983). The corrected p-value of a row and concept is the share of permutations in
    which the *largest* partial correlation of all reaches its own (Westfall & Young 1993, max-T): the chance of even
    one false name stays below the level. A name is an association, not a cause.

    Args:
        rows: float (at least n_items, d), the films' vectors.
        films: int64, to test on; None takes those of `often_watched`.
        known: concepts and values as `concepts_of` gives them, for a test of the test.
    """
    films = often_watched(split) if films is None else films
    known = known or concepts_of(split, films)
    vectors = rows[films]  # (n, d)
    weights = np.concatenate([*filters.values(), np.zeros((0, vectors.shape[1]))]).astype(np.float64)  # (rows, d)
    heights = np.array([height for height, _ in filters], np.int64)
    whole, tested, held = _tested(weights, vectors, heights, known, permutations, seed)
    return ConceptTest(
        known[0],
        tuple(filters),
        **{name: values.astype(np.float32) for name, values in zip(("correlation", "share"), tested, strict=False)},
        p_value=tested[2],
        explained=whole.by_all(weights).astype(np.float32),
        strongest=_strongest(weights @ vectors.T, tuple(filters), films),
        n_films=len(films),
        held_out=held,
    )


def names_of_rows(
    weights: np.ndarray, vectors: np.ndarray, known: Known, permutations: int = 1000, seed: int = 0
) -> tuple[RowName | None, ...]:
    """What any directions among films' vectors go with, tested as rows of filters are.

    Args:
        weights: float (rows, d). vectors: float (n, d). known: of the same n films, as `concepts_of` gives it.
    """
    heights = np.ones(len(weights), np.int64)
    _, (correlation, _, p_value), held = _tested(weights, vectors, heights, known, permutations, seed)
    return _row_names(known[0], correlation, p_value, held.concept, held.share, held.random.share_95[0])


def random_row_names(
    rows: np.ndarray, split: Split, test: ConceptTest, sets: int, seed: int = 1
) -> Iterator[dict[tuple[int, int], tuple[RowName | None, ...]]]:
    """What the rows of as many random filters are called, by (height, index), set by set, as `row_names` of `test`.

    They are not asked to be significant, only to explain more than random filters do: a few more have a name, so they
    are harder to beat. A direction is as random as its opposite, so whether it seeks or shuns is drawn. The sets are
    others than the test's baseline was read from.

    Args:
        rows: float (at least n_items, d), the films' vectors.
    """
    films = often_watched(split)
    concepts, values = concepts_of(split, films)
    _, parts = _nested(rows[films], (concepts, values), 0)
    rng, random = np.random.default_rng(seed), test.held_out.random
    for _ in range(sets):
        concept, share = held_out(rng.normal(size=(len(test.share), len(parts[0].vectors))), parts)
        sign = rng.choice((-1.0, 1.0), size=(len(share), 1)).repeat(len(concepts), 1)
        tested = sign, np.zeros_like(sign), concept, share
        names = {}
        for height, index in test.filters:
            own = test.rows(height, index)
            names[height, index] = _row_names(concepts, *(part[own] for part in tested), random.share_95[height - 1])
        yield names


def _nested(vectors: np.ndarray, known: Known, seed: int) -> tuple[Nested, tuple[Nested, Nested]]:
    """All films, and their two halves: float (n, d), and what is known of them."""
    groups, values = [concept.group for concept in known[0]], known[1]
    first, second = (Nested.of(vectors[half], values[:, half], groups) for half in halves(len(vectors), seed))
    return Nested.of(vectors, values, groups), (first, second)


def _tested(
    weights: np.ndarray, vectors: np.ndarray, heights: np.ndarray, known: Known, permutations: int, seed: int
) -> tuple[Nested, tuple[np.ndarray, np.ndarray, np.ndarray], HeldOut]:
    """Partial correlations, shares of variance and corrected p-values, and what is held out beside random filters.

    Args:
        weights: float64 (rows, d). vectors: float (n, d). heights: int64 (filters,), that sum to the rows.
    """
    whole, parts = _nested(vectors, known, seed)
    correlation, share = whole.explained(weights)
    largest = whole.largest_by_chance(weights, permutations, seed)
    random = baseline(whole, parts, heights, largest, seed)
    tested = correlation, share, p_values(correlation, largest)
    return whole, tested, HeldOut(*held_out(weights, parts), random)


def _strongest(responses: np.ndarray, filters: tuple[tuple[int, int], ...], films: np.ndarray) -> np.ndarray:
    """int64 (filters, 2): the films with the highest response of any row."""
    found, start = np.zeros((len(filters), 2), np.int64), 0
    for at, (height, _) in enumerate(filters):
        best = responses[start : start + height].max(0)
        found[at] = films[np.argsort(-best, kind="stable")[[0, min(1, len(films) - 1)]]]
        start += height
    return found
