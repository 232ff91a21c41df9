"""Full-catalogue ranks, per-user metrics, their intervals, and paired comparisons.

A target's rank is the number of unseen items that score above it plus half of those that tie;
nothing is sorted and nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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

    A list of k tells nothing of a user who has at most k items left: whatever the model, the held-out one is among
    them. Such a user's value is nan and is left out of the mean; `untold` counts them.

    Attributes:
        users: int64 (n,), dense ids. rank: float64 (n,), 0 is first; ties count a half.
        candidates: int64 (n,), the items ranked, the target included.
    """

    users: np.ndarray
    rank: np.ndarray
    candidates: np.ndarray

    def of(self, users: np.ndarray) -> Ranks:
        """The same for some users, dense ids, ascending; KeyError names one that was not ranked."""
        there = np.isin(users, self.users)
        if not there.all():
            raise KeyError(f"user {users[~there][0]} was not ranked")
        at = np.searchsorted(self.users, users)
        return Ranks(self.users[at], self.rank[at], self.candidates[at])

    @cached_property
    def metrics(self) -> dict[str, np.ndarray]:
        """Every metric, float64 (n,) with one value for each user, named as in `METRICS`; in [0, 1], or nan.

        AUC is the share of the other unseen items that rank below the target.
        """
        hits = {f"hr@{k}": self._told((self.rank < k).astype(float), k) for k in HIT_CUTOFFS}
        gain = np.where(self.rank < 10, 1 / np.log2(self.rank + 2), 0.0)
        auc = 1 - self.rank / np.maximum(self.candidates - 1, 1)
        others = {"ndcg@10": gain, "mrr": 1 / (self.rank + 1), "auc": auc}
        return hits | {name: self._told(values, 1) for name, values in others.items()}

    def _told(self, values: np.ndarray, k: int) -> np.ndarray:
        """The values, nan for users with at most k items left."""
        return np.where(self.candidates > k, values, np.nan)

    def untold(self) -> dict[str, int]:
        """How many users a metric tells nothing of, by its name; only where there are any."""
        counts = {name: int(np.isnan(values).sum()) for name, values in self.metrics.items()}
        return {name: count for name, count in counts.items() if count}

    def hit_curve(self, k_max: int = 100) -> np.ndarray:
        """float64 (up to k_max,): HR@1 .. HR@k_max, as far as a list of k tells anything of anybody."""
        k = np.arange(1, min(k_max, int(self.candidates.max()) - 1) + 1)
        told = self.candidates[:, None] > k  # (n, k)
        return (told & (self.rank[:, None] < k)).sum(0) / told.sum(0)

    def means(self) -> dict[str, float]:
        """The mean over users of every metric; nan where it tells nothing of any."""
        return {name: mean_told(values) for name, values in self.metrics.items()}

    def intervals(self, draws: int = 1000, seed: int = 0) -> dict[str, tuple[float, float]]:
        """95 % percentile bootstrap intervals of the means over users."""
        values = np.stack(list(self.metrics.values()), 1)  # (n, metrics)
        bounds = bootstrap_interval(values, draws, seed)  # (2, metrics)
        return {name: (float(low), float(high)) for name, low, high in zip(self.metrics, *bounds, strict=True)}


def mean_told(values: np.ndarray) -> float:
    """The mean of what is not nan; nan if nothing is left."""
    told = values[~np.isnan(values)]
    return float(told.mean()) if len(told) else float("nan")


def bootstrap_interval(values: np.ndarray, draws: int = 1000, seed: int = 0) -> np.ndarray:
    """float64 (2, m): 95 % percentile bootstrap bounds of the column means of values (n, m), nan left out."""
    n, told = len(values), ~np.isnan(values)  # (n, m)
    values, rng = np.where(told, values, 0.0), np.random.default_rng(seed)
    means = []  # draws of (m,)
    for _ in range(draws):
        counts = rng.multinomial(n, np.full(n, 1 / n))  # (n,)
        means.append(counts @ values / np.where(told.any(0), np.maximum(counts @ told, 1), np.nan))
    return np.percentile(means, [2.5, 97.5], axis=0)


@dataclass(frozen=True)
class Comparison:
    """One metric of two models over the same users: the mean of a - b, and who wins where.

    `p_value` is that of a two-sided sign-flip permutation test of the paired differences; `effect` is their mean in
    standard deviations (Cohen's d for pairs), 0 where they do not vary.
    """

    metric: str
    difference: float
    low: float
    high: float
    p_value: float
    effect: float
    wins: int
    ties: int
    losses: int


PERMUTATIONS = 10_000  # of the signs of paired differences


def compare(a: Ranks, b: Ranks, metric: str = "ndcg@10", draws: int = PERMUTATIONS, seed: int = 0) -> Comparison:
    """Compare two models user by user; ValueError if they ranked for different users."""
    if not np.array_equal(a.users, b.users):
        raise ValueError("the two models were evaluated on different users; evaluate both on one split")
    difference = a.metrics[metric] - b.metrics[metric]  # (n,)
    difference = difference[~np.isnan(difference)]
    if not len(difference):
        raise ValueError(f"no user has more unseen items than {metric} lists; choose a metric of a shorter list")
    low, high = bootstrap_interval(difference[:, None], seed=seed)[:, 0]
    extreme = np.sum(np.abs(_flipped_means(difference, draws, seed)) >= abs(difference.mean()) - 1e-12)
    spread = float(difference.std(ddof=1)) if len(difference) > 1 else 0.0
    better = np.sign(b.rank - a.rank)  # the rank tells more users apart than a cut-off metric
    return Comparison(
        metric,
        float(difference.mean()),
        float(low),
        float(high),
        float((extreme + 1) / (draws + 1)),  # the observed signs are one of the permutations
        float(difference.mean()) / spread if spread else 0.0,
        wins=int((better > 0).sum()),
        ties=int((better == 0).sum()),
        losses=int((better < 0).sum()),
    )


def _flipped_means(difference: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """float64 (draws,): the mean with every sign drawn at random."""
    rng, means = np.random.default_rng(seed), []
    for some in np.array_split(np.arange(draws), max(1, draws * len(difference) // CHUNK_CELLS)):
        signs = rng.integers(0, 2, (len(some), len(difference)), dtype=np.int8)  # (some, n)
        means.append((2.0 * (signs @ difference) - difference.sum()) / len(difference))
    return np.concatenate(means)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction for several tests, in the order given: at 5 %, a false alarm in one of 20 whole sets.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected, most = [0.0] * len(p_values), 0.0
    for done, at in enumerate(np.argsort(p_values, kind="stable")):
        most = max(most, min(1.0, p_values[at] * (len(p_values) - done)))
        corrected[at] = float(most)
    return corrected


def sampled(ranks: Ranks, negatives: int = 100, seed: int = 0) -> Ranks:
    """The ranks among `negatives` unseen items drawn for each user, as sampled evaluations report them.

    Drawn from the full ranks, so no model is run: how many of the items above the target are among those drawn.
    """
    above = np.floor(ranks.rank).astype(np.int64)
    drawn = np.minimum(negatives, ranks.candidates - 1)
    rank = np.random.default_rng(seed).hypergeometric(above, ranks.candidates - 1 - above, drawn)
    return Ranks(ranks.users, rank.astype(np.float64), drawn + 1)


class Evaluator:
    """Ranks the targets of one stage of a split; prepared once, called for every model or epoch.

    Args:
        split: what to rank on. stage: "validation" or "test".
        device: where the ranking runs; the model must live there too.
        users: int64, dense ids to evaluate, ascending; None takes all with targets.
        rank_seen: rank what a user has seen already, too, as some published figures do.
    """

    def __init__(
        self,
        split: Split,
        stage: str,
        device: torch.device | str = "cpu",
        users: np.ndarray | None = None,
        rank_seen: bool = False,
    ):
        self.rank_seen = rank_seen
        self.histories = Histories(split, stage, device)
        self.users = torch.as_tensor(np.ascontiguousarray(split.evaluated if users is None else users)).to(device)
        self.step = max(1, CHUNK_CELLS // split.dataset.n_items)

    @torch.inference_mode()
    def __call__(self, model: Recommender, on_share: Callable[[float], None] | None = None) -> Ranks:
        """Rank every target by the model, in eval mode; its mode is put back afterwards.

        Args:
            on_share: called with the share of the users that is ranked; an exception it raises ends the ranking.

        Raises:
            ValueError: a score is not finite, as after training with too high a learning rate.
        """
        training = model.training
        model.eval()
        try:
            parts = [self._rank(model, users) for users in self._chunks(on_share)]
        finally:
            model.train(training)
        rank, candidates = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
        return Ranks(self.users.cpu().numpy(), rank, candidates)

    def _chunks(self, on_share: Callable[[float], None] | None) -> Iterator[Tensor]:
        """The users, as many at a time as fit; tells the share that is done after each."""
        done = 0
        for users in self.users.split(self.step):
            yield users
            done += len(users)
            if on_share is not None:
                on_share(done / len(self.users))

    def _rank(self, model: Recommender, users: Tensor) -> tuple[Tensor, Tensor]:
        scores, target = self._scored(model, users)
        target_score = scores.gather(1, target)  # (B, 1)
        if not torch.stack(scores.aminmax()).isfinite().all():  # many times faster than asking every score
            raise ValueError(f"the {model.config.name} model's scores are not finite; train with a lower lr")
        candidates = torch.full_like(users, scores.shape[1])
        if not self.rank_seen:
            row, item = seen = self._seen(users)
            scores[seen] = -torch.inf
            again = scores.gather(1, target)[:, 0] == -torch.inf  # a target that was seen before is ranked all the same
            scores.scatter_(1, target, target_score)
            once = torch.unique(row * scores.shape[1] + item)
            candidates += again.long() - torch.bincount(once // scores.shape[1], minlength=len(users))
        return ranks_of(scores, target_score), candidates

    def _scored(self, model: Recommender, users: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of the catalogue, float (B, n_items), and the targets, int64 (B, 1)."""
        positions = self.histories.end[users]
        scores = model.scores(users, self.histories.windows(positions, model.L))  # (B, n_items)
        return scores, self.histories.item[positions].long()[:, None]

    @torch.inference_mode()
    def unseen_scores(self, model: Recommender) -> tuple[Tensor, Tensor]:
        """Scores, float (n, n_items), -inf for what a user has seen but never for the targets, int64 (n, 1)."""
        parts = []
        for users in self._chunks(None):
            scores, target = self._scored(model, users)
            target_score = scores.gather(1, target)
            scores[self._seen(users)] = -torch.inf
            parts.append((scores.scatter_(1, target, target_score), target))
        scores, targets = zip(*parts, strict=True)
        return torch.cat(scores), torch.cat(targets)

    @torch.inference_mode()
    def lists(self, model: Recommender, k: int, on_share: Callable[[float], None] | None = None) -> np.ndarray:
        """int64 (n, k): what the model lists for every user, best first, without what they have seen.

        Args:
            on_share: as for a call.
        """
        found = []
        for users in self._chunks(on_share):
            scores = model.scores(users, self.histories.windows(self.histories.end[users], model.L))  # (B, n_items)
            scores[self._seen(users)] = -torch.inf
            found.append(scores.topk(k).indices)
        return torch.cat(found).cpu().numpy()

    def _seen(self, users: Tensor) -> tuple[Tensor, Tensor]:
        """Rows and columns of the items already seen, for the scores of `users` (B,), ascending."""
        h = self.histories
        positions = torch.arange(int(h.start[users[0]]), int(h.end[users[-1]]), device=h.device)
        user = h.user[positions].long()
        row = torch.searchsorted(users, user)
        kept = (positions < h.end[user]) & (users[row] == user)
        return row[kept], h.item[positions[kept]].long()


def evaluate(
    model: Recommender,
    split: Split,
    stage: str = "test",
    device: torch.device | str = "cpu",
    on_share: Callable[[float], None] | None = None,
) -> Ranks:
    """Rank every user's held-out item; see `Evaluator`, worth keeping where several models are ranked."""
    return Evaluator(split, stage, device)(model, on_share)
