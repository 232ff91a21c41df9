"""Who is ahead of whom on one metric, and how sure that is: one table for the page, the report and the terminal.

Two tests stand behind it. Over users: a paired sign-flip test of the trainings shown, which holds for further users
and says nothing of further trainings. Over trainings: Welch's t-test of the trainings' means (of one sample, where the
other model is counted and has no seed), which holds for further trainings on these users. It decides where both models
have at least `FEWEST_TRAININGS`. Since the leader is picked by looking, each kind of test is corrected by Holm for all
pairs of the models compared, so that a pair has one p-value wherever it is spoken of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from caser.evaluation import METRICS, SURE, Metric, differences, holm, sign_flip_test, welch_test
from caser.field.effects import interval
from caser.field.entrants import Entrant

FEWEST_TRAININGS = 3  # of a model, for a test over trainings
Names = tuple[str, str]


@dataclass(frozen=True)
class Standing:
    """One model on one metric.

    Attributes:
        mean: what it is placed by: over its trainings where there are enough, else that of the one shown.
        low, high: its 95 % interval, over users and, where there are enough, over trainings (`interval`).
        trainings: the means of all trainings with the same settings; () if there is only one.
        learns: whether another training would give another model.
    """

    name: str
    kind: str
    mean: float
    low: float
    high: float
    trainings: tuple[float, ...] = ()
    learns: bool = True

    @property
    def several(self) -> bool:
        """Whether there are enough trainings for a test over them."""
        return self.learns and len(self.trainings) >= FEWEST_TRAININGS


@dataclass(frozen=True)
class Significance:
    """A difference of two models, its p-value, and that corrected for all pairs so tested (Holm)."""

    difference: float
    p_value: float
    p_corrected: float

    @property
    def sure(self) -> bool:
        """Whether it is significant at 5 %."""
        return self.p_corrected < SURE

    def turned(self) -> Significance:
        """The same for the other order of the two."""
        return Significance(-self.difference, self.p_value, self.p_corrected)


@dataclass(frozen=True)
class Pair:
    """One model minus another, tested over users and, where both have enough trainings, over those, which decides."""

    over_users: Significance
    over_trainings: Significance | None = None

    @property
    def decisive(self) -> Significance:
        """The test that decides."""
        return self.over_trainings or self.over_users


@dataclass(frozen=True)
class Standings:
    """Every model on one metric, the best first, and every pair of them, by names in that order."""

    metric: Metric
    rows: tuple[Standing, ...]
    pairs: dict[Names, Pair]

    def pair(self, one: str, other: str) -> Pair:
        """The first model minus the second, by names; KeyError for names that are not compared."""
        if (one, other) in self.pairs:
            return self.pairs[one, other]
        found = self.pairs[other, one]
        return Pair(found.over_users.turned(), found.over_trainings and found.over_trainings.turned())

    def sure(self, one: Standing, other: Standing) -> bool:
        """Whether two models differ significantly."""
        return self.pair(one.name, other.name).decisive.sure

    @property
    def over_trainings(self) -> int:
        """How many pairs were tested over trainings."""
        return sum(pair.over_trainings is not None for pair in self.pairs.values())


def standings(entrants: Sequence[Entrant], metric: str) -> Standings:
    """Place models on a metric.

    Raises:
        ValueError: two models of one name, or as for `differences`.
    """
    names = [entrant.name for entrant in entrants]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"two models are called {twice!r}; rename one of the files")
    rows = {entrant.name: _standing(entrant, metric) for entrant in entrants}
    best_first = sorted(entrants, key=lambda entrant: -rows[entrant.name].mean)
    pairs = list(combinations(best_first, 2))
    over_users = _over_users(pairs, metric)
    over_trainings = _over_trainings([(rows[entrant.name], rows[other.name]) for entrant, other in pairs])
    return Standings(
        METRICS[metric],
        tuple(rows[entrant.name] for entrant in best_first),
        {names: Pair(test, over_trainings.get(names)) for names, test in over_users.items()},
    )


def _standing(entrant: Entrant, metric: str) -> Standing:
    trainings = tuple(ranks.means()[metric] for ranks in entrant.seeds.values())
    shown = entrant.ranks.means()[metric], *entrant.ranks.intervals()[metric]
    several = entrant.learns and len(trainings) >= FEWEST_TRAININGS
    placed = interval(np.stack([ranks.metrics[metric] for ranks in entrant.seeds.values()])) if several else shown
    return Standing(entrant.name, entrant.kind, *placed, trainings, entrant.learns)


def _over_users(pairs: Sequence[tuple[Entrant, Entrant]], metric: str) -> dict[Names, Significance]:
    """The paired tests of all pairs."""
    if not pairs:
        return {}
    difference = differences([(entrant.ranks, other.ranks) for entrant, other in pairs], metric)  # (n, pairs)
    names = [(entrant.name, other.name) for entrant, other in pairs]
    return _corrected(names, difference.mean(0), sign_flip_test(difference))


def _over_trainings(pairs: Sequence[tuple[Standing, Standing]]) -> dict[Names, Significance]:
    """The tests of the trainings' means of all pairs that have enough of them, and whose trainings differ."""
    tested = [pair for pair in pairs if all(row.several or not row.learns for row in pair)]
    if not tested:
        return {}
    means, variances, counts = np.array([[_spread(row) for row in pair] for pair in tested]).T  # (2, pairs) each
    difference = means[0] - means[1]
    p_values = welch_test(difference, variances, counts)
    known = ~np.isnan(p_values)  # two counted models vary with no seed
    names = [(row.name, other.name) for (row, other), yes in zip(tested, known, strict=True) if yes]
    return _corrected(names, difference[known], p_values[known])


def _spread(one: Standing) -> tuple[float, float, int]:
    """Mean, variance and number of the trainings; a counted model is a fixed number."""
    return (one.mean, float(np.var(one.trainings, ddof=1)), len(one.trainings)) if one.several else (one.mean, 0.0, 1)


def _corrected(names: Sequence[Names], difference: np.ndarray, p_values: np.ndarray) -> dict[Names, Significance]:
    tests = zip(difference.tolist(), p_values.tolist(), holm(p_values), strict=True)
    return {pair: Significance(*test) for pair, test in zip(names, tests, strict=True)}
