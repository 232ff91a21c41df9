"""What the lists of a model hold, and what it costs to train and to ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from caser.checkpoint import Metadata
from caser.data.dataset import Split
from caser.evaluation import bootstrap_interval
from caser.listing.variety import varied
from caser.models import Recommender
from caser.recommend import recommend

LIST = 10  # films of the list that is timed


@dataclass(frozen=True)
class Lists:
    """What the lists of one model hold.

    Attributes:
        coverage: share of the catalogue that is listed for anybody. popularity: mean number of viewers of what is
            listed. novelty: mean of -log2 of the share of viewers who watched it, in bits.
    """

    coverage: float
    popularity: float
    novelty: float


def lists(listed: np.ndarray, views: np.ndarray, n_users: int) -> Lists:
    """What lists hold.

    Args:
        listed: int64 (n, k), dense items. views: int64 (n_items,), by how many of `n_users` each was watched.
    """
    share = views[listed] / n_users  # (n, k)
    novelty = -np.log2(np.maximum(share, 1 / n_users)).mean()
    return Lists(len(np.unique(listed)) / len(views), float(share.mean() * n_users), float(novelty))


@dataclass(frozen=True)
class VarietyCost:
    """What lists lose by being varied, over test users.

    Attributes:
        hit_rate, before: share of users whose held-out item is on the varied list, and on the list as it is ranked.
        low, high: 95 % bootstrap interval of the difference. alike, alike_before: mean cosine of the items of a list.
    """

    users: int
    hit_rate: float
    before: float
    low: float
    high: float
    alike: float
    alike_before: float


def variety_costs(
    ranked: np.ndarray, targets: np.ndarray, vectors: np.ndarray, varieties: Sequence[float]
) -> dict[float, VarietyCost]:
    """What each variety of lists of `LIST` costs.

    Args:
        ranked: int64 (n, m), every user's list, the best first. targets: int64 (n,), their held-out items.
        vectors: float (n_items, d).
    """
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def about(items: np.ndarray) -> tuple[np.ndarray, float]:
        k = items.shape[1]
        total = (unit[items].sum(1) ** 2).sum(1) - k  # over pairs of two items
        return (items == targets[:, None]).any(1).astype(float), float((total / max(k * (k - 1), 1)).mean())

    before, alike_before = about(ranked[:, :LIST])
    costs = {}
    for variety in varieties:
        hit, alike = about(varied(ranked, vectors, LIST, variety))
        low, high = bootstrap_interval((hit - before)[:, None])[:, 0]
        rates = float(hit.mean()), float(before.mean()), float(low), float(high)
        costs[variety] = VarietyCost(len(ranked), *rates, alike, alike_before)
    return costs


@dataclass(frozen=True)
class Cost:
    """What a model costs.

    Attributes:
        parameters: learnt numbers. seconds, device: of training; None and "" where nothing was recorded.
        rate: training windows a second, the median epoch's; 0 if not recorded. milliseconds: for one list of `LIST`.
    """

    parameters: int
    seconds: float | None
    device: str
    rate: float
    milliseconds: float


def cost(model: Recommender, trained: Metadata | None, split: Split) -> Cost:
    """What a model cost to train, as recorded, and costs to ask, as measured now."""
    epochs = trained.history if trained else []
    rates = [epoch["examples_per_second"] for epoch in epochs if "examples_per_second" in epoch]
    return Cost(
        sum(weights.numel() for weights in model.parameters()),
        trained.seconds if trained else None,
        trained.device if trained else "",
        float(np.median(rates)) if rates else 0.0,
        _milliseconds(model, split),
    )


def _milliseconds(model: Recommender, split: Split, times: int = 10) -> float:
    """The median time of one user's list."""
    user = int(split.evaluated[0])
    history, taken = split.history(user).tolist(), []
    for _ in range(times + 1):  # the first warms up
        start = perf_counter()
        recommend(model, split.dataset, user, history, LIST)
        taken.append(1000 * (perf_counter() - start))
    return float(np.median(taken[1:]))
