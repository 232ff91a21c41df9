"""Where one model is ahead of another: their difference by who is watching and by what is watched next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from caser.data.dataset import Split
from caser.evaluation import Ranks, bootstrap_interval, mean_told

GENRE = "genre"  # the group whose labels are the data's own
FEWEST = 20  # users of a slice; fewer tell too little
PARTS = 4  # that history lengths and popularities are cut into
PERIODS = (1960, 1980, 1990, 1995)  # where release periods begin, as far as the films reach


@dataclass(frozen=True)
class Slice:
    """The mean difference of a metric over `users` users, with its 95 % bootstrap interval."""

    group: str
    label: str
    users: int
    difference: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def slices(a: Ranks, b: Ranks, split: Split, metric: str, seed: int = 0) -> tuple[Slice, ...]:
    """The difference a - b by history length, popularity, genre and release period of the film watched next, and ties.

    Raises:
        ValueError: the two ranked for different users.
    """
    if not np.array_equal(a.users, b.users):
        raise ValueError("the two models were evaluated on different users; evaluate both on one split")
    difference = a.metrics[metric] - b.metrics[metric]  # (n,)
    found = []
    for group, label, inside in _groups(split, a.users):
        values = difference[inside & ~np.isnan(difference)]
        if len(values) >= FEWEST:
            low, high = bootstrap_interval(values[:, None], seed=seed)[:, 0]
            found.append(Slice(group, label, len(values), mean_told(values), float(low), float(high)))
    return tuple(found)


def _groups(split: Split, users: np.ndarray) -> Iterator[tuple[str, str, np.ndarray]]:
    """(group, label, bool (n,)) of every slice."""
    end = split.end("test")[users]
    target = split.item[end]
    catalogue = split.dataset.catalogue
    yield from _parts("history", end - split.dataset.offset[users], "films")
    yield from _parts("next film watched by", _views(split)[target], "viewers")
    genres = [set(catalogue["genres"].iat[item]) for item in target]
    for genre in sorted(set().union(*genres)):
        yield GENRE, genre, np.array([genre in some for some in genres])
    yield from _periods(catalogue["year"].to_numpy()[target])
    tied = split.timestamp[end] == split.timestamp[end - 1]
    yield "time", "tied with the film before", tied
    yield "time", "later than the film before", ~tied


def _views(split: Split) -> np.ndarray:
    """int64 (n_items,): how often each film was watched, the test targets left out."""
    views = split.dataset.views.copy()
    np.subtract.at(views, split.target("test"), 1)
    return views


def _parts(group: str, values: np.ndarray, unit: str) -> Iterator[tuple[str, str, np.ndarray]]:
    """About equally many users each, by a whole number of theirs."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, PARTS + 1)).astype(int))
    for at, (low, high) in enumerate(pairwise(edges)):
        last = high if at == len(edges) - 2 else high - 1
        inside = (values >= low) & (values <= last)
        yield group, f"{low:,}–{last:,} {unit}" if last > low else f"{low:,} {unit}", inside


def _periods(years: np.ndarray) -> Iterator[tuple[str, str, np.ndarray]]:
    """By release year; films without one are in no slice."""
    starts = (1, *PERIODS, 10_000)
    for low, high in pairwise(starts):
        label = f"before {high}" if low == 1 else f"{low} and later" if high == 10_000 else f"{low}–{high - 1}"
        yield "released", label, (years >= low) & (years < high)
