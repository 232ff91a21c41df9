"""Whether what a filter looks for comes back when the same model is trained with another seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from caser.data.dataset import Split
from caser.explain.filters import horizontal_filters
from caser.explain.preferences import window_starts
from caser.explain.random_filters import random_directions, random_mixtures
from caser.explain.records import Record
from caser.explain.shares import CHUNK_CELLS
from caser.models import Caser
from caser.recommend import to_numpy

AGAIN = 0.5  # correlation of responses from which a filter counts as coming back
WINDOWS = 5_000  # real windows that filters respond to
DRAWS = 10  # of random filters in every other model


@dataclass(frozen=True, eq=False)
class Chance(Record):
    """What comes back where the filters of the other models are random ones on those models' own film vectors.

    Attributes:
        always: int64 (draws,), filters with a partner in every other model. space: float64 (draws,), the mean CKA.
    """

    always: np.ndarray
    space: np.ndarray

    def most(self, values: np.ndarray) -> float:
        """What 95 % of draws do not exceed."""
        return float(np.quantile(values, 0.95, method="higher"))


@dataclass(frozen=True, eq=False)
class Stability(Record):
    """The filters of a model beside those of models that differ in nothing but the seed.

    Attributes:
        filters: (height, index) of each.
        match: float32 (others, filters), the correlation of a filter's responses over the same real windows with those
            of its partner in another model; partners are one to one, of the same height, and correlate most in sum.
        space: float32 (others,), linear CKA of all responses (Kornblith et al. 2019): whether the filters span the same
            space, however it is shared out among them.
        directions: the same with random directions for the others' filters, of the same size and bias.
        mixtures: with random mixtures of the others' own filters of each height. Both None if they were not measured.
    """

    filters: tuple[tuple[int, int], ...]
    match: np.ndarray
    space: np.ndarray
    directions: Chance | None = None
    mixtures: Chance | None = None

    @property
    def others(self) -> int:
        """How many other seeds."""
        return len(self.match)

    def again(self, height: int, index: int) -> int:
        """In how many of the other models a filter comes back."""
        return int((self.match[:, self.filters.index((height, index))] > AGAIN).sum())

    def typical(self, height: int, index: int) -> float:
        """The median correlation of a filter with its partners."""
        return float(np.median(self.match[:, self.filters.index((height, index))]))

    @property
    def always(self) -> int:
        """How many filters come back in every other model."""
        return _in_all(self.match)

    @property
    def filters_beat_chance(self) -> bool:
        """Whether more filters come back in every other model than of random filters of either kind."""
        return all(self.always > chance.most(chance.always) for chance in self._chances)

    @property
    def space_beats_chance(self) -> bool:
        """Whether all filters together are more alike than random filters of either kind make them."""
        return all(self.space.mean() > chance.most(chance.space) for chance in self._chances)

    @property
    def _chances(self) -> tuple[Chance, ...]:
        return tuple(chance for chance in (self.directions, self.mixtures) if chance)


def stability(model: Caser, others: Sequence[Caser], split: Split, seed: int = 0, draws: int = DRAWS) -> Stability:
    """Match a model's filters with those of others that read the same windows.

    Args:
        others: at least one. draws: of random filters of each kind, in every other model.

    Raises:
        ValueError: another model has other filters.
    """
    filters = tuple(horizontal_filters(model))
    if any(tuple(horizontal_filters(other)) != filters for other in others):
        raise ValueError("the models have different filters; give models of one setting, trained with other seeds")
    windows = real_windows(split, model.L, seed=seed)
    own = _standard(answers(model, windows))
    match, space = _beside(own, others, windows, filters)

    def by_chance(random: Callable[[Caser, int], Caser]) -> Chance:
        found = []
        for draw in range(draws):
            twins = [random(other, seed + draw * len(others) + at) for at, other in enumerate(others)]
            found.append(_beside(own, twins, windows, filters))
        return Chance(np.array([_in_all(m) for m, _ in found]), np.array([float(s.mean()) for _, s in found]))

    return Stability(filters, match, space, by_chance(random_directions), by_chance(random_mixtures))


def _beside(own: np.ndarray, others: Sequence[Caser], windows: np.ndarray, filters: Sequence[tuple[int, int]]):
    """float32 (others, filters) and (others,): correlations with partners, and CKA."""
    theirs = [_standard(answers(other, windows)) for other in others]
    match = np.array([_matched(own, answer, filters) for answer in theirs], np.float32)
    return match, np.array([cka(own, answer) for answer in theirs], np.float32)


def _in_all(match: np.ndarray) -> int:
    return int((match > AGAIN).all(0).sum())


def real_windows(split: Split, L: int, most: int = WINDOWS, seed: int = 0) -> np.ndarray:
    """int64 (n, L): windows of training histories, drawn at random if there are more than `most`."""
    starts = window_starts(split, L, "validation")
    if len(starts) > most:
        starts = np.sort(np.random.default_rng(seed).choice(starts, most, replace=False))
    return split.item[starts[:, None] + np.arange(L)]


@torch.inference_mode()
def answers(model: Caser, windows: np.ndarray) -> np.ndarray:
    """float64 (n, filters): what each horizontal filter passes on, after ReLU and max pooling."""
    found = []
    for some in np.array_split(windows, max(1, windows.size * model.config.d // CHUNK_CELLS)):
        E = model.embed(torch.as_tensor(some, device=model.device))  # (B, L, d)
        pooled = [response.amax(1).relu() for response in model.horizontal_responses(E)]  # (B, n_h) each
        found.append(to_numpy(torch.cat(pooled, 1)))
    return np.concatenate(found).astype(np.float64)


def _standard(values: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and length 1; 0 where a filter always responds the same."""
    centred = values - values.mean(0)
    length = np.linalg.norm(centred, axis=0)
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-9)


def _matched(own: np.ndarray, theirs: np.ndarray, filters: Sequence[tuple[int, int]]) -> np.ndarray:
    """float64 (filters,): each filter's correlation with its partner of the same height."""
    from scipy.optimize import linear_sum_assignment  # a third of a second and 36 MB that a page does without

    r, heights, found = own.T @ theirs, np.array([h for h, _ in filters]), np.zeros(len(filters))
    for height in np.unique(heights):
        at = np.flatnonzero(heights == height)
        mine, partner = linear_sum_assignment(-r[np.ix_(at, at)])
        found[at[mine]] = r[at[mine], at[partner]]
    return found


def cka(a: np.ndarray, b: np.ndarray) -> float:
    """Linear centred kernel alignment of two sets of responses: float (n, p) and (n, q), columns of mean 0.

    >>> turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    >>> x = np.array([[1.0, 0.0], [-1.0, 1.0], [0.0, -1.0]])
    >>> round(cka(x, x @ turned), 6)
    1.0
    """
    scale = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return float(np.linalg.norm(a.T @ b) ** 2 / scale) if scale else 0.0
