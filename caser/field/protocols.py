"""One model under the protocols that papers use: how far a number moves while the model stays the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from caser.data import dataset as datasets
from caser.data.dataset import Split
from caser.evaluation import Ranks, bootstrap_interval, mean_defined, sampled


@dataclass(frozen=True)
class Reading:
    """What one protocol makes of a model: the mean of a metric and its 95 % interval; the first is the page's own."""

    protocol: str
    mean: float
    low: float
    high: float


def readings(ranks: Mapping[str, Ranks], metric: str) -> tuple[Reading, ...]:
    """A metric of the same model by protocol."""
    return tuple(Reading(protocol, *mean_and_interval(one.metrics[metric])) for protocol, one in ranks.items())


def by_protocol(unseen: Ranks, seen_too: Ranks, other_ties: Ranks | None) -> dict[str, Ranks]:
    """A model's ranks by protocol, the page's own first.

    Args:
        unseen: among the films a user has not seen. seen_too: among all. other_ties: with the other rule on ties; None
            where nothing was trained for it.
    """
    found = {
        "all unseen films": unseen,
        "seen films as well": seen_too,
        "100 unseen films, drawn": sampled(unseen),
    }
    return found if other_ties is None else found | {"other rule on ties": other_ties}


def mean_and_interval(values: np.ndarray) -> tuple[float, float, float]:
    """The mean of what is not nan, and its 95 % bootstrap interval."""
    low, high = bootstrap_interval(values[:, None])[:, 0]
    return mean_defined(values), float(low), float(high)


def moved_by_ties(split: Split) -> float:
    """The share of users for whom the other rule on ties holds another film out."""
    other = datasets.split(split.dataset, next(ties for ties in datasets.TIES if ties != split.ties))
    return float(np.mean(split.target("test") != other.target("test")))
