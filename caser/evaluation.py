"""Full-catalogue ranks, per-user metrics, their intervals, and paired comparisons.

A target's rank is the number of unseen items that score above it plus half of those that tie;
nothing is sorted and nothing is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from caser.data.dataset import Split
from caser.data.histories import Histories
from caser.models import Recommender
from caser.recommend import ranks_of

HIT_CUTOFFS = (1, 5, 10, 20, 50)
METRICS = (*(f"hr@{k}" for k in HIT_CUTOFFS), "ndcg@10", "mrr", "auc")
METRIC_LABELS = {metric: metric.upper() for metric in METRICS}
CHUNK_CELLS = 1 << 25  # scores held at once: 128 MiB of float32


@dataclass(frozen=True, eq=False)
class Ranks:
    """Where each user's held-out item came among the items the user had not seen.

    Attributes:
        users: int64 (n,), dense ids. rank: float64 (n,), 0 is first; ties count a half.
        candidates: int64 (n,), the items ranked, the target included.
    """

    users: np.ndarray
    rank: np.ndarray
    candidates: np.ndarray

    @cached_property
    def metrics(self) -> dict[str, np.ndarray]:
        """Every metric, float64 (n,) with one value for each user, named as in `METRICS`; all lie in [0, 1].

        AUC is the share of the other unseen items that rank below the target.
        """
        hits = {f"hr@{k}": (self.rank < k).astype(float) for k in HIT_CUTOFFS}
        gain = np.where(self.rank < 10, 1 / np.log2(self.rank + 2), 0.0)
        auc = 1 - self.rank / np.maximum(self.candidates - 1, 1)
        return hits | {"ndcg@10": gain, "mrr": 1 / (self.rank + 1), "auc": auc}

    def hit_curve(self, k_max: int = 100) -> np.ndarray:
        """float64 (k_max,): HR@1 .. HR@k_max."""
        return (self.rank[:, None] < np.arange(1, k_max + 1)).mean(0)

    def means(self) -> dict[str, float]:
        """The mean over users of every metric."""
        return {name: float(values.mean()) for name, values in self.metrics.items()}

    def intervals(self, draws: int = 1000, seed: int = 0) -> dict[str, tuple[float, float]]:
        """95 % percentile bootstrap intervals of the means over users."""
        values = np.stack(list(self.metrics.values()), 1)  # (n, metrics)
        bounds = bootstrap_interval(values, draws, seed)  # (2, metrics)
        return {name: (float(low), float(high)) for name, low, high in zip(self.metrics, *bounds, strict=True)}


def bootstrap_interval(values: np.ndarray, draws: int = 1000, seed: int = 0) -> np.ndarray:
    """float64 (2, m): 95 % percentile bootstrap bounds of the column means of values (n, m)."""
    n = len(values)
    rng = np.random.default_rng(seed)
    means = [rng.multinomial(n, np.full(n, 1 / n)) @ values / n for _ in range(draws)]  # draws of (m,)
    return np.percentile(means, [2.5, 97.5], axis=0)


@dataclass(frozen=True)
class Comparison:
    """One metric of two models over the same users: the mean of a - b, and who wins where.

    `p_value` is that of a two-sided sign-flip permutation test of the paired differences.
    """

    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    wins: int
    ties: int
    losses: int


def compare(a: Ranks, b: Ranks, metric: str = "ndcg@10", draws: int = 1000, seed: int = 0) -> Comparison:
    """Compare two models user by user; ValueError if they ranked for different users."""
    if not np.array_equal(a.users, b.users):
        raise ValueError("the two models were evaluated on different users; evaluate both on one split")
    difference = a.metrics[metric] - b.metrics[metric]  # (n,)
    low, high = bootstrap_interval(difference[:, None], draws, seed)[:, 0]
    rng = np.random.default_rng(seed)
    flipped = [np.mean(rng.choice((-1.0, 1.0), len(difference)) * difference) for _ in range(draws)]
    extreme = np.sum(np.abs(flipped) >= abs(difference.mean()) - 1e-12)
    better = np.sign(b.rank - a.rank)  # the rank tells more users apart than a cut-off metric
    return Comparison(
        metric,
        float(difference.mean()),
        float(low),
        float(high),
        float((extreme + 1) / (draws + 1)),  # the observed signs are one of the permutations
        wins=int((better > 0).sum()),
        ties=int((better == 0).sum()),
        losses=int((better < 0).sum()),
    )


class Evaluator:
    """Ranks the targets of one stage of a split; prepared once, called for every model or epoch.

    Args:
        split: what to rank on. stage: "validation" or "test".
        device: where the ranking runs; the model must live there too.
        users: int64, dense ids to evaluate, ascending; None takes all with targets.
    """

    def __init__(self, split: Split, stage: str, device: torch.device | str = "cpu", users: np.ndarray | None = None):
        self.histories = Histories(split, stage, device)
        self.users = torch.as_tensor(np.ascontiguousarray(split.evaluated if users is None else users)).to(device)
        self.step = max(1, CHUNK_CELLS // split.dataset.n_items)

    @torch.inference_mode()
    def __call__(self, model: Recommender) -> Ranks:
        """Rank every target by the model, in eval mode; its mode is put back afterwards.

        Raises:
            ValueError: a score is not finite, as after training with too high a learning rate.
        """
        training = model.training
        model.eval()
        parts = [self._rank(model, users) for users in self.users.split(self.step)]
        model.train(training)
        rank, candidates = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
        return Ranks(self.users.cpu().numpy(), rank, candidates)

    def _rank(self, model: Recommender, users: Tensor) -> tuple[Tensor, Tensor]:
        positions = self.histories.end[users]
        scores = model.scores(users, self.histories.windows(positions, model.L))  # (B, n_items)
        target = self.histories.item[positions].long()[:, None]  # (B, 1)
        target_score = scores.gather(1, target)  # (B, 1)
        if not scores.isfinite().all():
            raise ValueError(f"the {model.config.name} model's scores are not finite; train with a lower lr")
        scores[self._seen(users)] = -torch.inf
        scores.scatter_(1, target, target_score)
        return ranks_of(scores, target_score), (scores > -torch.inf).sum(1)

    def _seen(self, users: Tensor) -> tuple[Tensor, Tensor]:
        """Rows and columns of the items already seen, for the scores of `users` (B,), ascending."""
        h = self.histories
        positions = torch.arange(int(h.start[users[0]]), int(h.end[users[-1]]), device=h.device)
        user = h.user[positions].long()
        row = torch.searchsorted(users, user)
        kept = (positions < h.end[user]) & (users[row] == user)
        return row[kept], h.item[positions[kept]].long()


def evaluate(model: Recommender, split: Split, stage: str = "test", device: torch.device | str = "cpu") -> Ranks:
    """Rank every user's held-out item; see `Evaluator`, worth keeping where several models are ranked."""
    return Evaluator(split, stage, device)(model)
