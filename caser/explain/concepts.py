"""What the rows of horizontal filters answer to, in words: genre, release, rating level, popularity, series.

A row answers each film with one inner product, so its answers over the catalogue can be held against anything
that is known of the films. Concepts hang together (old films are rated higher), so each counts only for what those
of all other groups leave unexplained, and all rows and concepts are tested together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from caser import data
from caser.data import titles
from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS, OWN_ID, Split
from caser.data.text import is_film, plural
from caser.explain.filters import horizontal_filters
from caser.explain.preferences import CHUNK_CELLS, often_watched, row_responses
from caser.explain.records import Film, Record, film
from caser.models import Recommender

SIGNIFICANCE = 0.05
LEAST = 5  # films inside and outside a concept, or it is not tested
SHORTEST_SERIES = 3  # films
MOST_LEVELS = 30  # of a column of words that is taken as a concept each
PERIODS = 6  # of about as many films each
ANY = "any"  # what a row without a name seeks
MOST_ROWS = 2  # that a name tells one by one


@dataclass(frozen=True)
class Concept(Record):
    """Something films share, or have more or less of.

    Attributes:
        group: concepts of one group are not untangled from each other: "genre", "release", "rating", "popularity",
            "series" or a further column's name.
        seeks, shuns: what a row is called that answers to it with a higher or a lower value than to other films.
        graded: more or less of it, by rank; else a film has it or not.
    """

    group: str
    seeks: str
    shuns: str
    graded: bool = False


@dataclass(frozen=True)
class RowName(Record):
    """The concept that explains most of a row's answers, of those that do so by more than chance.

    Attributes:
        row: from the oldest film. share: of the answers' variance, beyond what other groups explain.
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
    """

    height: int
    index: int
    text: str
    rows: tuple[RowName, ...]
    films: tuple[Film, ...] = ()

    @property
    def named(self) -> bool:
        """Whether a concept names it."""
        return bool(self.rows)

    @property
    def share(self) -> float:
        """The largest share of variance that a name of its rows explains; 0 without."""
        return max((row.share for row in self.rows), default=0.0)


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
    """

    concepts: tuple[Concept, ...]
    filters: tuple[tuple[int, int], ...]
    correlation: np.ndarray
    share: np.ndarray
    p_value: np.ndarray
    explained: np.ndarray
    strongest: np.ndarray
    n_films: int

    @cached_property
    def _starts(self) -> dict[tuple[int, int], int]:
        ends = np.cumsum([0, *(height for height, _ in self.filters)])
        return dict(zip(self.filters, ends.tolist(), strict=False))

    def rows(self, height: int, index: int) -> slice:
        """Where a filter's rows are."""
        start = self._starts[height, index]
        return slice(start, start + height)

    def row_names(self, height: int, index: int, level: float = SIGNIFICANCE) -> tuple[RowName | None, ...]:
        """A name for each row that has one."""
        return tuple(self._row_name(at, level) for at in range(*self.rows(height, index).indices(len(self.share))))

    def _row_name(self, at: int, level: float) -> RowName | None:
        row = at - max(start for start in self._starts.values() if start <= at)
        return _named(row, self.concepts, self.correlation[at], self.share[at], self.p_value[at], level)

    def name(self, split: Split, height: int, index: int) -> FilterName:
        """What a filter is called."""
        rows = self.row_names(height, index)
        named = tuple(row for row in rows if row)
        if named:
            return FilterName(height, index, _joined(rows, data.noun(split.dataset.name)), named)
        strongest = self.strongest[self.filters.index((height, index))]
        films = tuple(film(split.dataset, int(item)) for item in strongest)
        return FilterName(height, index, "like " + " and ".join(f.title for f in films), (), films)


def _named(
    row: int, concepts: Sequence[Concept], correlation: np.ndarray, share: np.ndarray, p_value: np.ndarray, level: float
) -> RowName | None:
    """The concept that explains most of a row, of those that do so by more than chance; None without any."""
    share = np.where(p_value < level, share, 0)
    if not share.any():
        return None
    best = int(share.argmax())
    text = concepts[best].seeks if correlation[best] > 0 else concepts[best].shuns
    return RowName(row, text, concepts[best], float(share[best]), float(p_value[best]))


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


def concepts_of(split: Split, films: np.ndarray) -> tuple[tuple[Concept, ...], np.ndarray]:
    """Everything to test on some films: the concepts, and float64 (concepts, n), how much of each a film has.

    Args:
        films: int64 (n,).
    """
    found = [
        (concept, values)
        for group in (_genres, _releases, _ratings, _popularity, _series, _further)
        for concept, values in group(split, films)
        if _telling(concept, values)
    ]
    values = np.array([v for _, v in found]).reshape(len(found), len(films))
    return tuple(concept for concept, _ in found), values


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
    for column in catalogue.columns.difference([*CATALOGUE_COLUMNS, *LINK_COLUMNS, OWN_ID], sort=False):
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


def concept_test(
    model: Recommender,
    split: Split,
    permutations: int = 1000,
    seed: int = 0,
    films: np.ndarray | None = None,
    known: tuple[tuple[Concept, ...], np.ndarray] | None = None,
) -> ConceptTest:
    """Test every row of every horizontal filter for every concept.

    What the concepts of all other groups explain is first taken out of a row's answers and of the concept (nested
    regression). What is left of the answers is dealt out among the films anew, `permutations` times, for all rows and
    concepts at once (Freedman & Lane 1983). The corrected p-value of a row and concept is the share of permutations in
    which the *largest* partial correlation of all reaches its own (Westfall & Young 1993, max-T): the chance of even
    one false name stays below the level. A name is an association, not a cause.

    Args:
        films: int64, to test on; None takes those of `often_watched`.
        known: concepts and values as `concepts_of` gives them, for a test of the test.
    """
    filters = tuple(horizontal_filters(model))
    films = often_watched(split) if films is None else films
    concepts, values = known or concepts_of(split, films)
    answers = np.concatenate([row_responses(model, h, j)[:, films] for h, j in filters] or [np.zeros((0, len(films)))])
    rows = _unit(answers.astype(np.float64))  # (rows, n)
    values = _unit(values)  # (concepts, n)
    correlation, share, p_value = _tested(rows, values, [concept.group for concept in concepts], permutations, seed)
    return ConceptTest(
        concepts,
        filters,
        correlation.astype(np.float32),
        share.astype(np.float32),
        p_value,
        ((rows @ _basis(values)) ** 2).sum(1).astype(np.float32),
        _strongest(answers, filters, films),
        len(films),
    )


def names_of_rows(
    answers: np.ndarray, known: tuple[tuple[Concept, ...], np.ndarray], permutations: int = 1000, seed: int = 0
) -> tuple[RowName | None, ...]:
    """What any numbers of the films go by, tested as rows of filters are.

    Args:
        answers: float (rows, n). known: concepts and values of the same n films, as `concepts_of` gives them.
    """
    concepts, values = known
    groups = [concept.group for concept in concepts]
    found = _tested(_unit(answers.astype(np.float64)), _unit(values), groups, permutations, seed)
    return tuple(_named(row, concepts, *(part[row] for part in found), SIGNIFICANCE) for row in range(len(answers)))


def _tested(rows: np.ndarray, values: np.ndarray, groups: Sequence[str], permutations: int, seed: int):
    """Partial correlations, shares of variance and corrected p-values, float64 (rows, concepts) each.

    Args:
        rows: float64 (rows, n). values: float64 (concepts, n). Both with mean 0 and length 1.
    """
    correlation, share = (np.zeros((len(rows), len(values))) for _ in range(2))
    largest = np.zeros(permutations)
    for group in dict.fromkeys(groups) if len(rows) else ():
        own = np.array(groups) == group
        basis = _basis(values[~own])
        left, concept = _without(rows, basis), _unit(_without(values[own], basis), among=values[own])
        share[:, own] = (left @ concept.T) ** 2
        left = _unit(left, among=rows)
        correlation[:, own] = left @ concept.T
        largest = np.maximum(largest, _largest_by_chance(left, concept, permutations, seed))
    smaller = np.searchsorted(np.sort(largest), np.abs(correlation) - 1e-9)
    return correlation, share, (1 + permutations - smaller) / (1 + permutations)  # the films as they are count as one


def _unit(rows: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Each row with mean 0 and length 1; all 0 where nothing is left of it, or next to nothing beside `among`'s."""
    centred = rows - rows.mean(1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    least = 1e-6 * (1.0 if among is None else np.maximum(np.linalg.norm(among, axis=1, keepdims=True), 1e-12))
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > least)


def _basis(values: np.ndarray) -> np.ndarray:
    """float64 (n, r): orthonormal columns that span the rows of `values`."""
    _, size, across = np.linalg.svd(values, full_matrices=False)
    return across[size > 1e-8 * size.max(initial=0.0)].T if len(values) else np.zeros((values.shape[1], 0))


def _without(rows: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return rows - (rows @ basis) @ basis.T


def _strongest(answers: np.ndarray, filters: tuple[tuple[int, int], ...], films: np.ndarray) -> np.ndarray:
    """int64 (filters, 2): the films with the highest answer of any row."""
    found, start = np.zeros((len(filters), 2), np.int64), 0
    for at, (height, _) in enumerate(filters):
        best = answers[start : start + height].max(0)
        found[at] = films[np.argsort(-best, kind="stable")[[0, min(1, len(films) - 1)]]]
        start += height
    return found


def _largest_by_chance(rows: np.ndarray, concepts: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """float64 (permutations,): the largest |row . concept| with the films dealt out anew; one seed, one dealing.

    Args:
        rows: float64 (rows, n). concepts: float64 (concepts, n).
    """
    rng, largest = np.random.default_rng(seed), []
    rows, concepts = rows.astype(np.float32), concepts.astype(np.float32)
    step = max(1, CHUNK_CELLS // max(concepts.size, 1))
    for low in range(0, permutations, step):
        some = min(step, permutations - low)
        order = np.stack([rng.permutation(rows.shape[1]) for _ in range(some)])  # (some, n)
        dealt = concepts[:, order].reshape(-1, rows.shape[1])  # (concepts * some, n)
        chance = np.abs(dealt @ rows.T).max(1).reshape(len(concepts), some)  # (concepts, some)
        largest.append(chance.max(0))
    return np.concatenate(largest)
