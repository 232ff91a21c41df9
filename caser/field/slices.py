"""Where one model is ahead of another: their difference by who is watching and by what is watched next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from caser.data.dataset import Split
from caser.evaluation import SURE, Ranks, bootstrap_interval, holm, sign_flip_test, welch_test

GENRE = "genre"  # the group whose labels are the data's own
FEWEST = 20  # users of a slice; fewer are too few to test
PARTS = 4  # that history lengths and popularities are cut into
PERIODS = (1960, 1980, 1990, 1995)  # where release periods begin, as far as the films reach


@dataclass(frozen=True)
class Slice:
    """The mean difference of a metric over `users` users, with its 95 % bootstrap interval.

    Attributes:
        p_value: of no difference, by flipping signs. rest: the mean difference of all other users; nan where there
            are too few. p_rest: of the slice's being the same as that, by Welch's t-test. Both p-values are corrected
            for all slices (Holm).
    """

    group: str
    label: str
    users: int
    difference: float
    low: float
    high: float
    p_value: float
    rest: float
    p_rest: float

    @property
    def sure(self) -> bool:
        """Whether the difference is significant."""
        return self.p_value < SURE

    @property
    def beyond(self) -> bool:
        """Whether the difference is significantly further from zero than the rest's."""
        return self.p_rest < SURE and (self.difference - self.rest) * self.difference > 0


def slices(a: Ranks, b: Ranks, split: Split, metric: str, seed: int = 0) -> tuple[Slice, ...]:
    """The difference a - b by history length, popularity, genre and release period of the film watched next, and ties.

    Raises:
        ValueError: the two ranked for different users.
    """
    if not np.array_equal(a.users, b.users):
        raise ValueError("the two models were evaluated on different users; evaluate both on one split")
    difference = a.metrics[metric] - b.metrics[metric]  # (n,)
    defined = ~np.isnan(difference)
    groups = [(*names, inside & defined) for *names, inside in _groups(split, a.users)]
    groups = [row for row in groups if row[-1].sum() >= FEWEST]
    if not groups:
        return ()
    inside = np.stack([row[-1] for row in groups], 1)  # (n, slices)
    values = np.where(inside, difference[:, None], np.nan)
    p_values = holm(sign_flip_test(np.nan_to_num(values), seed))  # zeros have no sign to flip
    rests, p_rest = zip(*(_against_the_rest(difference, row, defined & ~row) for row in inside.T), strict=True)
    columns = (
        inside.sum(0),
        np.nanmean(values, 0),
        *bootstrap_interval(values, seed=seed),
        p_values,
        rests,
        holm(p_rest),
    )
    return tuple(
        Slice(group, label, int(users), *map(float, row))
        for (group, label, _), (users, *row) in zip(groups, zip(*columns, strict=True), strict=True)
    )


def _against_the_rest(difference: np.ndarray, inside: np.ndarray, rest: np.ndarray) -> tuple[float, float]:
    """The mean of the rest, and the p-value of the mean inside a slice being the same."""
    sides = [difference[inside], difference[rest]]
    if len(sides[1]) < FEWEST:
        return float("nan"), 1.0
    mean, variance, count = zip(*((side.mean(), side.var(ddof=1), len(side)) for side in sides), strict=True)
    p_value = float(welch_test(mean[0] - mean[1], variance, count))
    return float(mean[1]), float(mean[0] == mean[1]) if np.isnan(p_value) else p_value


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
    tied = split.instant[end] == split.instant[end - 1]
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
