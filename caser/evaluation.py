"""Full-catalogue ranks, per-user metrics, their intervals, and paired comparisons.

A target's rank is the number of unseen items that score above it plus half of those that tie;
nothing is sorted and nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from caser.data.dataset import Split
from caser.data.histories import Histories
from caser.models import Recommender
from caser.recommend import ranks_of
from caser.threads import Threads

CHUNK_CELLS = 1 << 25  # scores held at once: 128 MiB of float32


@dataclass(frozen=True)
class Metric:
    """One measure of where a held-out item came; all that is said of it anywhere follows from this record.

    Attributes:
        name: in files, addresses and JSON.
        of: from rank, float64 (n,), 0 is first, and candidates, int64 (n,), to a value in [0, 1] for each user.
        cutoff: the length of the list it looks at; it is undefined for a user with at most that many items left.
        share: it is a share, said in percent and its differences in points; any other is a decimal.
    """

    name: str
    of: Callable[[np.ndarray, np.ndarray], np.ndarray]
    cutoff: int = 1
    share: bool = True

    @property
    def label(self) -> str:
        """What it is called on screen."""
        return self.name.upper()

    @property
    def hits(self) -> bool:
        """Whether it counts the users whose item is listed."""
        return self.name == f"hr@{self.cutoff}"

    @property
    def scale(self) -> int:
        """What a difference is multiplied by before it is drawn: shares are drawn in points."""
        return 100 if self.share else 1

    @property
    def unit(self) -> str:
        """What a drawn difference is measured in, to follow the label."""
        return ", points" if self.share else ""

    def said(self, value: float) -> str:
        """A value as it is written; a dash for nan.

        >>> METRICS["hr@10"].said(0.2321), METRICS["mrr"].said(0.1149), METRICS["auc"].said(float("nan"))
        ('23.2%', '.115', '–')
        """
        return "–" if np.isnan(value) else f"{value:.1%}" if self.share else _decimal(f"{value:.3f}")

    def short(self, value: float, digits: int = 0) -> str:
        """A value in short: a share as so many of 100.

        >>> METRICS["hr@10"].short(0.2321), METRICS["hr@10"].short(0.2321, 1), METRICS["mrr"].short(0.1149)
        ('23', '23.2', '.115')
        """
        return f"{100 * value:.{digits}f}" if self.share else self.said(value)

    def signed(self, difference: float) -> str:
        """A difference with its sign and without its unit, as it is drawn.

        >>> METRICS["hr@10"].signed(0.0231), METRICS["ndcg@10"].signed(-0.0121)
        ('+2.3', '-.012')
        """
        return f"{100 * difference:+.1f}" if self.share else _decimal(f"{difference:+.3f}")

    def change(self, difference: float) -> str:
        """A difference with its sign and its unit.

        >>> METRICS["hr@10"].change(-0.0231), METRICS["mrr"].change(0.012)
        ('-2.3 points', '+.012')
        """
        return f"{self.signed(difference)}{' points' if self.share else ''}"

    def apart(self, difference: float) -> str:
        """A difference without its sign, with its unit.

        >>> METRICS["hr@10"].apart(-0.023), METRICS["ndcg@10"].apart(0.012)
        ('2.3 points', '.012')
        """
        return self.change(abs(difference))[1:]


def of_100(share: float) -> str:
    """A share in people.

    >>> of_100(0.574)
    '57 of 100'
    """
    return f"{100 * share:.0f} of 100"


def _decimal(text: str) -> str:
    """A number below 1 without the zero before its point."""
    return text.replace("0.", ".", 1)


def hit_rate(k: int) -> Metric:
    """The share of users whose item is among the first k."""
    return Metric(f"hr@{k}", lambda rank, candidates: (rank < k).astype(float), k)


METRICS = {  # by name
    metric.name: metric
    for metric in (
        *map(hit_rate, (1, 5, 10, 20, 50)),
        Metric("ndcg@10", lambda rank, _: np.where(rank < 10, 1 / np.log2(rank + 2), 0.0), share=False),
        Metric("mrr", lambda rank, _: 1 / (rank + 1), share=False),
        Metric("auc", lambda rank, candidates: 1 - rank / np.maximum(candidates - 1, 1)),  # of the others, those below
    )
}


@dataclass(frozen=True, eq=False)
class Ranks:
    """Where each user's held-out item came among the items the user had not seen.

    A metric is undefined for a user with no more items left than its list holds: every model would list the held-out
    one. Such a value is nan and is left out of the mean; `undefined` counts them.

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
        """Every metric, float64 (n,) with one value for each user, by its name; in [0, 1], or nan."""
        return {
            name: np.where(self.candidates > metric.cutoff, metric.of(self.rank, self.candidates), np.nan)
            for name, metric in METRICS.items()
        }

    def undefined(self) -> dict[str, int]:
        """The number of users for whom a metric is undefined, by its name; only metrics with any."""
        counts = {name: int(np.isnan(values).sum()) for name, values in self.metrics.items()}
        return {name: count for name, count in counts.items() if count}

    def hit_curve(self, k_max: int = 100) -> np.ndarray:
        """float64 (up to k_max,): HR@1 .. HR@k_max, as far as HR@k is defined for any user."""
        k = np.arange(1, min(k_max, int(self.candidates.max()) - 1) + 1)
        defined = self.candidates[:, None] > k  # (n, k)
        return (defined & (self.rank[:, None] < k)).sum(0) / defined.sum(0)

    def means(self) -> dict[str, float]:
        """The mean over users of every metric; nan where it is undefined for all."""
        return {name: mean_defined(values) for name, values in self.metrics.items()}

    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % percentile bootstrap intervals of the means over users, computed once."""
        return {name: (float(low), float(high)) for name, low, high in zip(self.metrics, *self._bounds, strict=True)}

    @cached_property
    def _bounds(self) -> np.ndarray:
        return bootstrap_interval(np.stack(list(self.metrics.values()), 1))  # (2, metrics)


def mean_defined(values: np.ndarray) -> float:
    """The mean of the values that are not nan; nan if all are."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else float("nan")


def bootstrap_interval(values: np.ndarray, draws: int = 1000, seed: int = 0) -> np.ndarray:
    """float64 (2, m): 95 % percentile bootstrap bounds of the column means of values (n, m), nan left out."""
    n, defined = len(values), ~np.isnan(values)  # (n, m)
    values, rng = np.where(defined, values, 0.0), np.random.default_rng(seed)
    means = []  # draws of (m,)
    for _ in range(draws):
        counts = rng.multinomial(n, np.full(n, 1 / n))  # (n,)
        means.append(counts @ values / np.where(defined.any(0), np.maximum(counts @ defined, 1), np.nan))
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
SURE = 0.05  # corrected p-values below it are significant


def compare(a: Ranks, b: Ranks, metric: str = "ndcg@10", seed: int = 0) -> Comparison:
    """Compare two models user by user; ValueError as for `differences`."""
    difference = differences([(a, b)], metric)  # (n, 1)
    low, high = bootstrap_interval(difference, seed=seed)[:, 0]
    spread = float(difference.std(ddof=1)) if len(difference) > 1 else 0.0
    better = np.sign(b.rank - a.rank)  # ranks differ for more users than a cut-off metric does
    return Comparison(
        metric,
        float(difference.mean()),
        float(low),
        float(high),
        float(sign_flip_test(difference, seed)[0]),
        float(difference.mean()) / spread if spread else 0.0,
        wins=int((better > 0).sum()),
        ties=int((better == 0).sum()),
        losses=int((better < 0).sum()),
    )


def differences(pairs: Sequence[tuple[Ranks, Ranks]], metric: str) -> np.ndarray:
    """float64 (n, pairs): a - b of a metric for every user for whom it is defined.

    Raises:
        ValueError: two models ranked for different users, or the metric is undefined for all of them.
    """
    if any(not np.array_equal(one.users, pairs[0][0].users) for pair in pairs for one in pair):
        raise ValueError("the two models were evaluated on different users; evaluate both on one split")
    difference = np.stack([a.metrics[metric] - b.metrics[metric] for a, b in pairs], 1)  # (users, pairs)
    difference = difference[~np.isnan(difference).any(1)]
    if not len(difference):
        raise ValueError(f"no user has more unseen items than {metric} lists; choose a metric of a shorter list")
    return difference


def sign_flip_test(difference: np.ndarray, seed: int = 0) -> np.ndarray:
    """float64 (m,): two-sided p-values of the column means of differences (n, m), by flipping signs at random."""
    rng, n, extreme = np.random.default_rng(seed), len(difference), 0
    total = difference.sum(0)  # (m,)
    for some in np.array_split(np.arange(PERMUTATIONS), max(1, PERMUTATIONS * n // CHUNK_CELLS)):
        signs = rng.integers(0, 2, (len(some), n), dtype=np.int8)  # (some, n)
        flipped = (2.0 * (signs @ difference) - total) / n  # (some, m)
        extreme += (np.abs(flipped) >= np.abs(total / n) - 1e-12).sum(0)
    return (extreme + 1) / (PERMUTATIONS + 1)  # the observed signs are one of the permutations


def welch_test(mean: np.ndarray, variances: Sequence[np.ndarray], counts: Sequence[np.ndarray]) -> np.ndarray:
    """float64: two-sided p-values of Welch's t-test of differences of means; nan where nothing varies.

    Args:
        mean: the differences. variances, counts: of either side, arrays as long; a side that is a fixed number has the
            variance 0, and the test is then that of one sample.
    """
    from scipy.special import stdtr  # a page without tests over trainings does without

    parts = [variance / count for variance, count in zip(variances, counts, strict=True)]
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(mean) / np.sqrt(sum(parts))
        freedom = sum(parts) ** 2 / sum(
            part**2 / np.maximum(count - 1, 1) for part, count in zip(parts, counts, strict=True)
        )
        return 2 * stdtr(freedom, -t)


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


@contextmanager
def evaluating(model: Recommender) -> Iterator[None]:
    """Within it the model is in eval mode; then each of its modules is in its own mode again.

    A model around another may be in another mode than that one, which others may be asking meanwhile.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


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
        # A CPU uses the memory of a chunk again for the next only while they are small; fresh memory takes longer than
        # the ranking itself.
        cells = CHUNK_CELLS // (8 if self.histories.device.type == "cpu" else 1)
        self.step = max(1, cells // split.dataset.n_items)
        self.threads = Threads(device)

    @torch.inference_mode()
    def __call__(self, model: Recommender, on_share: Callable[[float], None] | None = None) -> Ranks:
        """Rank every target by the model, in eval mode; its mode is put back afterwards.

        Args:
            on_share: called with the share of the users that is ranked; an exception it raises ends the ranking.

        Raises:
            ValueError: a score is not finite, as after training with too high a learning rate.
        """
        with evaluating(model):
            parts = [self._rank(model, users) for users in self._chunks(on_share)]
        rank, candidates = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
        return Ranks(self.users.cpu().numpy(), rank, candidates)

    def _chunks(self, on_share: Callable[[float], None] | None) -> Iterator[Tensor]:
        """The users, as many at a time as fit; reports the share done after each."""
        done = 0
        try:
            for users in self.users.split(self.step):
                with self.threads:
                    yield users
                done += len(users)
                if on_share is not None:
                    on_share(done / len(self.users))
        finally:
            self.threads.release()

    def _rank(self, model: Recommender, users: Tensor) -> tuple[Tensor, Tensor]:
        scores, target = self._scored(model, users)
        target_score = scores.gather(1, target)  # (B, 1)
        if not torch.stack(scores.aminmax()).isfinite().all():  # many times faster than asking every score
            raise ValueError(f"the {model.config.name} model's scores are not finite; train with a lower lr")
        candidates = torch.full_like(users, scores.shape[1])
        if not self.rank_seen:
            row, _ = seen = self.histories.seen(users)
            scores[seen] = -torch.inf
            again = scores.gather(1, target)[:, 0] == -torch.inf  # a target that was seen before is ranked all the same
            scores.scatter_(1, target, target_score)
            candidates += again.long() - torch.bincount(row, minlength=len(users))
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
            scores[self.histories.seen(users)] = -torch.inf
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
            scores[self.histories.seen(users)] = -torch.inf
            found.append(scores.topk(k).indices)
        return torch.cat(found).cpu().numpy()


def evaluate(
    model: Recommender,
    split: Split,
    stage: str = "test",
    device: torch.device | str = "cpu",
    on_share: Callable[[float], None] | None = None,
) -> Ranks:
    """Rank every user's held-out item; see `Evaluator`, worth keeping where several models are ranked."""
    return Evaluator(split, stage, device)(model, on_share)
