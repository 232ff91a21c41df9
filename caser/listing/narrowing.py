"""What a list may hold: genres, years, how well known, further columns, and items left out by hand.

It acts on items that are scored and ranked already: no score and no rank among all changes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from rapidfuzz import process

from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS, URL, Dataset
from caser.words import W

MOST_NAMED = 30  # values that a message lists
Span = tuple[float, float]  # the least and the most, both allowed
_NUMBER = r"-?\d{1,18}(?:\.\d{1,9})?"
_SPAN = re.compile(rf"\s*(?:({_NUMBER})?\s*[-–]\s*({_NUMBER})?|({_NUMBER}))\s*")


@dataclass(frozen=True)
class Narrowing:
    """Conditions on a list; without any, everything may be on it. Make one from texts by `narrowing`.

    Attributes:
        genres: at least one of these. not_genres: none of these.
        years: the first and the last. viewers: how often watched.
        columns: further columns of the catalogue by name, each with a `Span` or with words of which one holds.
        without: own ids of items that are not wanted.
    """

    genres: tuple[str, ...] = ()
    not_genres: tuple[str, ...] = ()
    years: Span | None = None
    viewers: Span | None = None
    columns: tuple[tuple[str, Span | tuple[str, ...]], ...] = ()
    without: tuple[int | str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))

    def conditions(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Which items fulfil each condition, bool (n_items,), by the condition in words."""
        held: dict[str, np.ndarray] = {}
        genres = dataset.catalogue["genres"]
        if self.genres:
            held[" or ".join(self.genres)] = _with_any(genres, self.genres)
        if self.not_genres:
            held[f"not {' or '.join(self.not_genres)}"] = ~_with_any(genres, self.not_genres)
        if self.years:
            year = dataset.catalogue["year"].to_numpy()
            held[_said(self.years)] = _within(year, self.years) & (year > 0)
        if self.viewers:
            held[f"{W.watched} {_said(self.viewers)} times"] = _within(dataset.views, self.viewers)
        for name, wanted in self.columns:
            holds = _column_holds(dataset.catalogue[name], wanted)
            held[f"{name} {_said(wanted) if _is_span(wanted) else ' or '.join(wanted)}"] = holds
        if self.without:
            kept = np.ones(dataset.n_items, bool)
            kept[[dataset.item_index(own) for own in self.without]] = False
            held[f"without {len(self.without):,} {W.films if len(self.without) > 1 else W.film}"] = kept
        return held

    def allowed(self, dataset: Dataset) -> np.ndarray:
        """bool (n_items,): the items that fulfil every condition."""
        return np.logical_and.reduce([np.ones(dataset.n_items, bool), *self.conditions(dataset).values()])

    def said(self, dataset: Dataset) -> str:
        """The conditions in words."""
        return " · ".join(self.conditions(dataset))

    def nothing_left(self, dataset: Dataset, left_out: Sequence[int] = ()) -> str:
        """Why no item is left that may be listed, and which condition to drop; empty where one is left.

        Args:
            left_out: dense items that are not listed anyway.
        """
        conditions, rest = self.conditions(dataset), np.ones(dataset.n_items, bool)
        rest[list(left_out)] = False
        if not conditions or np.logical_and.reduce([rest, *conditions.values()]).any():
            return ""
        without = {
            name: np.logical_and.reduce([rest, *(holds for other, holds in conditions.items() if other != name)]).sum()
            for name in conditions
        }
        best = max(without, key=without.get)
        advice = f"without '{best}' {without[best]:,} are" if without[best] else "drop some of these conditions"
        return f"no {W.film} is left of '{' · '.join(conditions)}'; {advice}"


EVERYTHING = Narrowing()


def narrowing(
    dataset: Dataset,
    genres: Iterable[str] = (),
    not_genres: Iterable[str] = (),
    years: str = "",
    viewers: str = "",
    columns: Iterable[str] = (),
    without: Iterable[int] = (),
) -> Narrowing:
    """Conditions as somebody writes them.

    Args:
        genres, not_genres: in capitals or small letters.
        years, viewers: "1980-1989", "1980-", "-1989" or "1980".
        columns: "NAME=VALUE" of further columns: a span as above of numbers, else words separated by |.
        without: dense items.

    Raises:
        ValueError: a genre, column or value that the data set has not, or a span the wrong way round; with what there
            is.
    """
    by_name: dict[str, Span | tuple[str, ...]] = {}
    for text in columns:
        name, wanted = _column(dataset, text)
        by_name[name] = wanted
    return Narrowing(
        genres=_genres(dataset, genres),
        not_genres=_genres(dataset, not_genres),
        years=_span("years", years) if years else None,
        viewers=_span("viewers", viewers) if viewers else None,
        columns=tuple(by_name.items()),
        without=tuple(dataset.item_id(item) for item in dict.fromkeys(without)),
    )


def written(span: Span) -> str:
    """A span as `narrowing` reads it.

    >>> written((1980, 1989)), written((50, math.inf)), written((7, 7))
    ('1980-1989', '50-', '7')
    """
    low, high = ("" if math.isinf(end) else f"{end:g}" for end in span)
    return low if low == high else f"{low}-{high}"


def column_written(name: str, wanted: Span | tuple[str, ...]) -> str:
    """A condition on a further column as `narrowing` reads it."""
    return f"{name}={written(wanted) if _is_span(wanted) else '|'.join(wanted)}"


def genres_of(dataset: Dataset) -> list[str]:
    """Every genre, in alphabetical order."""
    return sorted({genre for genres in dataset.catalogue["genres"] for genre in genres})


def further_columns(dataset: Dataset) -> list[str]:
    """The names of the catalogue's columns beside title, year, genres and links."""
    return [name for name in dataset.catalogue if name not in (*CATALOGUE_COLUMNS, *LINK_COLUMNS, URL)]


def values_of(dataset: Dataset, column: str) -> list[str]:
    """The words of a further column, in alphabetical order; [] for one of numbers."""
    cells = dataset.catalogue[column]
    return [] if pd.api.types.is_numeric_dtype(cells) else sorted({str(value) for value in cells.dropna()} - {""})


def _genres(dataset: Dataset, asked: Iterable[str]) -> tuple[str, ...]:
    return tuple(_one_of("genre", text, genres_of(dataset), dataset.name) for text in asked)


def _one_of(what: str, text: str, known: Sequence[str], where: str) -> str:
    """The value that `text` names, whatever its capitals; ValueError with those that there are, the likeliest first."""
    by_name = {value.casefold(): value for value in known}
    wanted = text.strip().casefold()
    if wanted in by_name:
        return by_name[wanted]
    if not known:
        raise ValueError(f"{where} has no {what}s, so {text[:40]!r} cannot be asked for; leave it out")
    likely = [value for value, _, _ in process.extract(text[:100], known, limit=MOST_NAMED)]
    raise ValueError(f"no {what} {text[:40]!r} in {where}; give one of {', '.join(likely)}")


def _column(dataset: Dataset, text: str) -> tuple[str, Span | tuple[str, ...]]:
    name, sign, value = text.partition("=")
    if not sign or not value.strip():
        raise ValueError(f"a condition on a column is {text[:40]!r}; write it as NAME=VALUE")
    name = _one_of("further column", name, further_columns(dataset), dataset.name)
    if pd.api.types.is_numeric_dtype(dataset.catalogue[name]):
        return name, _span(name, value)
    known = values_of(dataset, name)
    return name, tuple(_one_of(f"value of {name}", one, known, dataset.name) for one in value.split("|"))


def _span(what: str, text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if not match or not any(match.groups()):
        raise ValueError(f"{what} {text[:40]!r} is no span; write 1980-1989, 1980- for at least or -1989 for at most")
    low, high, only = match.groups()
    span = float(only or low or -math.inf), float(only or high or math.inf)
    if span[0] > span[1]:
        raise ValueError(f"{what} {text[:40]!r} has the larger number first; write {written(span[::-1])}")
    return span


def _is_span(wanted: Span | tuple[str, ...]) -> bool:
    return not isinstance(wanted[0], str)


def _said(span: Span) -> str:
    low, high = span
    if math.isinf(high):
        return f"at least {low:g}"
    if math.isinf(low):
        return f"at most {high:g}"
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


def _within(values: np.ndarray, span: Span) -> np.ndarray:
    return (values >= span[0]) & (values <= span[1])


def _with_any(genres: pd.Series, wanted: Sequence[str]) -> np.ndarray:
    asked = frozenset(wanted)
    return np.fromiter((not asked.isdisjoint(own) for own in genres), bool, len(genres))


def _column_holds(cells: pd.Series, wanted: Span | tuple[str, ...]) -> np.ndarray:
    if _is_span(wanted):
        return _within(cells.to_numpy(float, na_value=np.nan), wanted)
    return cells.astype(str).isin(wanted).to_numpy()
