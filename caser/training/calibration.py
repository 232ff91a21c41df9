"""From scores to chances: one temperature for a model, and how well the chances it gives hold.

A model trained with a softmax is too sure of its list: it saw the answers it learnt from. Dividing its scores by one
number, fitted where it did not learn, mends most of that and moves no rank (Guo et al. 2017, On calibration of modern
neural networks). They fit it by likelihood, over all classes; here lists are shown, so it is fitted to lists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from caser.data.dataset import Split, evenly
from caser.evaluation import CHUNK_CELLS, Evaluator, bootstrap_interval, evaluating
from caser.models import Recommender
from caser.recommend import to_numpy

RANGE = (0.05, 20.0)  # temperatures searched
LISTED = 10  # films of a list whose chances are checked
BINS = 8  # that listed films are sorted into, by their chance


def _scores(model: Recommender, split: Split, stage: str, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Unseen scores and targets as `Evaluator.unseen_scores`, of as many users as fit into memory at once."""
    users = evenly(split.evaluated, max(1, CHUNK_CELLS // split.dataset.n_items))
    with evaluating(model):
        return Evaluator(split, stage, device, users).unseen_scores(model)


def fit_temperature(model: Recommender, split: Split, stage: str, device: torch.device | str = "cpu") -> float | None:
    """The temperature at which the chances of a list of `LISTED` add up to how often it holds a stage's target.

    None where they add up to that at every temperature, since nobody has more films left than a list holds.
    """
    from scipy.optimize import brentq  # a third of a second that pages do without

    scores, target = _scores(model, split, stage, device)
    best = scores.topk(min(LISTED, scores.shape[1])).indices  # (n, LISTED)
    hit = float((best == target).any(1).float().mean())

    def too_much(log_temperature: float) -> float:
        """How much more the lists promise, on average, than they hold; falls as the temperature rises."""
        return float((scores / float(np.exp(log_temperature))).softmax(1).gather(1, best).sum(1).mean()) - hit

    low, high = np.log(RANGE)
    if abs(too_much(low) - too_much(high)) < 1e-6:
        return None
    if too_much(high) > 0:
        return RANGE[1]
    return float(np.exp(brentq(too_much, low, high, xtol=1e-4))) if too_much(low) > 0 else RANGE[0]


@dataclass(frozen=True)
class Bin:
    """Listed films of about the same chance: their mean chance, the share that came next, and its 95 % interval."""

    films: int
    chance: float
    hit: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """How well the chances of lists hold.

    Attributes:
        users: whose lists. promised: what the chances of a list add up to, the mean over users.
        hit, low, high: the share of lists that hold the target, with its 95 % bootstrap interval over users.
        bins: the listed films by chance, as many in each, the smallest chances first.
    """

    users: int
    promised: float
    hit: float
    low: float
    high: float
    bins: tuple[Bin, ...]

    @property
    def holds(self) -> bool:
        """Whether the promised share lies within the interval of what was hit."""
        return self.low <= self.promised <= self.high


def reliability(model: Recommender, split: Split, temperature: float, stage: str = "test") -> Reliability:
    """The chances of every user's `LISTED` films beside what came next, for as many users as fit into memory."""
    scores, target = _scores(model, split, stage, model.device)
    chance, films = (scores / temperature).softmax(1).topk(min(LISTED, scores.shape[1]))  # (n, LISTED) each
    chance, hit = to_numpy(chance).astype(float), to_numpy(films == target).astype(float)
    any_hit = hit.sum(1)  # (n,)
    low, high = bootstrap_interval(any_hit[:, None])[:, 0]
    bins = tuple(_bin(chance.flat[some], hit.flat[some]) for some in np.array_split(chance.argsort(axis=None), BINS))
    return Reliability(len(hit), float(chance.sum(1).mean()), float(any_hit.mean()), float(low), float(high), bins)


def _bin(chance: np.ndarray, hit: np.ndarray) -> Bin:
    low, high = wilson(hit.mean(), len(hit))
    return Bin(len(hit), float(chance.mean()), float(hit.mean()), low, high)


def wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of n, which is never empty.

    >>> [round(bound, 3) for bound in wilson(0.0, 100)]
    [0.0, 0.037]
    """
    centre, spread = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return float(max(0.0, (centre - spread) / (1 + z * z / n))), float((centre + spread) / (1 + z * z / n))
