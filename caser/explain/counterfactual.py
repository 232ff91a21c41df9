"""What a score would be after another history: Shapley values, the order effect, and masking.

They ask a model for scores alone and so hold for every model. A film is dropped by putting padding
in its place, so that the others keep their positions. What comes out says what the model does, not
what would happen to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from math import comb
from typing import Any

import numpy as np
import torch
from torch import Tensor

from caser.explain.records import Record
from caser.models import Recommender
from caser.recommend import ranks_of, to_numpy, window

EXACT_SHAPLEY = 10  # films with at most 2^10 coalitions
EXACT_ORDER = 6  # films with at most 720 orders
SAMPLES = 400  # orders drawn beyond
NORMAL_95 = 1.96
AT_ONCE = 1024  # sequences scored together, which a model of 50 films needs 200 MB for
CHUNK_CELLS = 1 << 24  # scores held at once: 64 MiB of float32


# masks, bool (coalitions, n), and what turns their scores into the films' values and margins
Coalitions = tuple[np.ndarray, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]]


@dataclass(frozen=True)
class Shapley(Record):
    """Each position's fair share of what the recent films add to a score.

    Attributes:
        values: one for each position, the oldest first; their sum is `full` - `empty`; 0 at padding.
        full, empty: the score with all films, and with padding alone.
        exact: over every coalition; otherwise over sampled orders, and
        margin: then is the half width of each value's 95 % interval; else zeros.
    """

    values: tuple[float, ...]
    full: float
    empty: float
    exact: bool
    margin: tuple[float, ...]


def shapley(
    model: Recommender, user: int, history: Sequence[int], item: int, samples: int = SAMPLES, seed: int = 0
) -> Shapley:
    """Shapley values of the recent films for an item's score (Shapley 1953; Lundberg & Lee 2017).

    Exact, in one batch of 2^n coalitions, for up to `EXACT_SHAPLEY` films; beyond that the mean over
    `samples` random orders of adding them (Castro et al. 2009), whose values still sum exactly.
    """
    sequence = window(model, history)  # (1, L)
    at = _real(model, sequence)  # (n,)
    exact = len(at) <= EXACT_SHAPLEY
    masks, combine = _all_coalitions(len(at)) if exact else _sampled_coalitions(len(at), samples, seed)
    value = scores_of(model, user, _masked(model, sequence, at, masks), item)  # (coalitions,)
    shares, margin = np.zeros(model.L), np.zeros(model.L)
    shares[at], margin[at] = combine(value)
    return Shapley(tuple(shares.tolist()), float(value[-1]), float(value[0]), exact, tuple(margin.tolist()))


def _all_coalitions(n: int) -> Coalitions:
    """Every subset of n films: none first, all last."""
    masks = _subsets(n)
    size = masks.sum(1)  # (2^n,)
    weight = [1 / (n * comb(n - 1, others)) for others in range(n)]  # of a coalition of that many others
    joined = np.array([0.0, *weight])[size][:, None]  # (2^n, 1), where the film is the last to join
    absent = np.array([*weight, 0.0])[size][:, None]  # (2^n, 1)
    signed = np.where(masks, joined, -absent)  # (2^n, n)
    return masks, lambda value: (signed.T @ value, np.zeros(n))


def _subsets(n: int) -> np.ndarray:
    """bool (2^n, n): every subset, the empty one first and the whole last."""
    return (np.arange(2**n)[:, None] >> np.arange(n)) & 1 == 1


def _sampled_coalitions(n: int, samples: int, seed: int) -> Coalitions:
    """Films that join one by one in random orders: samples * (n + 1) coalitions, none first, all last."""
    rng = np.random.default_rng(seed)
    joins = np.argsort(rng.random((samples, n)), axis=1)  # (samples, n), when each film joins
    masks = joins[:, None, :] < np.arange(n + 1)[:, None]  # (samples, n + 1, n)

    def combine(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gain = np.diff(value.reshape(samples, n + 1), axis=1)  # (samples, n), by turn
        shares = np.take_along_axis(gain, joins, 1)  # (samples, n), by film
        return shares.mean(0), NORMAL_95 * shares.std(0, ddof=1) / np.sqrt(samples)

    return masks.reshape(-1, n), combine


@dataclass(frozen=True)
class OrderEffect(Record):
    """How much the order of the recent films matters for one item.

    Attributes:
        score: in the actual order. mean: over all orders of the same films. effect: score - mean.
        share_lower: share of the orders whose score is lower than the actual one's.
        rank, median_rank: the item's among unseen items, 1 is first: actually, and over the orders.
        orders: how many were scored. exact: whether these are all.
        margin: half width of the 95 % interval of mean and effect; 0 if exact.
        scores: float64 (orders,), the score in each of them; left out of JSON.
    """

    score: float
    mean: float
    effect: float
    share_lower: float
    rank: float
    median_rank: float
    orders: int
    exact: bool
    margin: float
    scores: np.ndarray = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        found = super().to_dict()
        del found["scores"]
        return found


def order_effect(
    model: Recommender, user: int, history: Sequence[int], item: int, samples: int = SAMPLES, seed: int = 0
) -> OrderEffect:
    """An item's score against its mean over all orders of the same recent films, in one batch.

    All n! for up to `EXACT_ORDER` films, else `samples` random ones. The history's films are left out
    of the ranking, the item itself never is. Padding stays where it is.
    """
    sequence = window(model, history)  # (1, L)
    at = _real(model, sequence)  # (n,)
    n, exact = len(at), len(at) <= EXACT_ORDER
    orders = np.array(list(permutations(range(n)))) if exact else _random_orders(n, samples, seed)
    shuffled = sequence.repeat(len(orders), 1)  # (orders, L)
    shuffled[:, at] = sequence[0, at][torch.as_tensor(orders, dtype=torch.int64, device=sequence.device)]
    score, rank = _scores_and_ranks(model, user, torch.cat([sequence, shuffled]), item, history)
    actual, others = score[0], score[1:]
    margin = 0.0 if exact else NORMAL_95 * float(others.std(ddof=1)) / np.sqrt(len(others))
    mean = float(others.mean())
    return OrderEffect(
        float(actual),
        mean,
        float(actual) - mean,
        float((others < actual - _noise(others)).mean()),
        float(rank[0]),
        float(np.median(rank[1:])),
        len(orders),
        exact,
        margin,
        others,
    )


def _random_orders(n: int, samples: int, seed: int) -> np.ndarray:
    return np.argsort(np.random.default_rng(seed).random((samples, n)), axis=1)  # (samples, n)


def _noise(scores: np.ndarray) -> float:
    """Differences below this are rounding: the same sum taken in another order."""
    return 1e-6 * max(1.0, float(np.abs(scores).max()))


@dataclass(frozen=True)
class Masked(Record):
    """An item's score and rank with the films at some positions (0 is the oldest) dropped."""

    dropped: tuple[int, ...]
    score: float
    rank: float


def masking(
    model: Recommender,
    user: int,
    history: Sequence[int],
    item: int,
    subsets: Iterable[Sequence[int]] | None = None,
) -> tuple[Masked, ...]:
    """An item's score and rank with recent films dropped, as in the paper's figure 8.

    Args:
        subsets: positions of the window to drop together, 0..L-1, one sequence for each result; None takes
            every subset of the films there are, nothing dropped first.

    Raises:
        ValueError: a position outside the window, or more than `EXACT_SHAPLEY` films and no subsets.
    """
    sequence = window(model, history)  # (1, L)
    chosen = _every_subset(_real(model, sequence)) if subsets is None else [tuple(map(int, s)) for s in subsets]
    keep = np.ones((len(chosen), model.L), bool)
    for row, dropped in enumerate(chosen):
        if any(not 0 <= position < model.L for position in dropped):
            raise ValueError(f"cannot drop positions {dropped}; the window has positions 0 to {model.L - 1}")
        keep[row, list(dropped)] = False
    if not chosen:
        return ()
    kept = _masked(model, sequence, np.arange(model.L), keep)
    score, rank = _scores_and_ranks(model, user, kept, item, history)
    return tuple(Masked(d, float(s), float(r)) for d, s, r in zip(chosen, score, rank, strict=True))


def _every_subset(at: np.ndarray) -> list[tuple[int, ...]]:
    if len(at) > EXACT_SHAPLEY:
        raise ValueError(f"{len(at)} films have {2 ** len(at):,} subsets; give the ones to drop in `subsets`")
    return [tuple(at[mask].tolist()) for mask in _subsets(len(at))]


def _real(model: Recommender, sequence: Tensor) -> np.ndarray:
    """int64 (n,): the positions of a sequence (1, L) that hold a film."""
    return np.flatnonzero(to_numpy(sequence[0]) != model.n_items)


def _masked(model: Recommender, sequence: Tensor, at: np.ndarray, keep: np.ndarray) -> Tensor:
    """int64 (B, L): the sequence (1, L) with padding where `keep`, bool (B, n), drops position at[n]."""
    whole = np.ones((len(keep), model.L), bool)
    whole[:, at] = keep
    return torch.where(torch.as_tensor(whole, device=sequence.device), sequence, model.n_items)  # (B, L)


@torch.inference_mode()
def scores_of(model: Recommender, user: int, sequences: Tensor, item: int) -> np.ndarray:
    """float64 (B,): one item's score after each of the sequences, int64 (B, L)."""
    scores = []
    for chunk in sequences.split(AT_ONCE):
        users = torch.full((len(chunk),), user, device=chunk.device)
        items = torch.full((len(chunk), 1), item, device=chunk.device)
        scores.append(model.scores(users, chunk, items)[:, 0])
    return to_numpy(torch.cat(scores)).astype(np.float64)


@torch.inference_mode()
def _scores_and_ranks(
    model: Recommender, user: int, sequences: Tensor, item: int, seen: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """float64 (B,), (B,): one item's score, and its rank among unseen items: 1 is first, ties count a half."""
    exclude = torch.tensor([i for i in set(seen) if i not in (item, model.n_items)], dtype=torch.int64)
    exclude = exclude.to(sequences.device)
    score, rank = [], []
    for chunk in sequences.split(max(1, CHUNK_CELLS // model.n_items)):
        scores = model.scores(torch.full((len(chunk),), user, device=chunk.device), chunk)  # (B, n_items)
        target = scores[:, item, None].clone()  # (B, 1)
        scores[:, exclude] = -torch.inf
        rank.append(1 + ranks_of(scores, target))
        score.append(target[:, 0].double())
    return to_numpy(torch.cat(score)), to_numpy(torch.cat(rank))
