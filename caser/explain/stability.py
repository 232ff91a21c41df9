"""Whether what a filter looks for comes again when the same model is trained with another seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from caser.data.dataset import Split
from caser.explain.filters import horizontal_filters
from caser.explain.preferences import CHUNK_CELLS, window_starts
from caser.explain.records import Record
from caser.models import Caser
from caser.recommend import to_numpy

AGAIN = 0.5  # correlation of answers from which a filter counts as found again
WINDOWS = 5_000  # real windows that filters answer to


@dataclass(frozen=True, eq=False)
class Stability(Record):
    """The filters of a model beside those of models that differ in nothing but the seed.

    Attributes:
        filters: (height, index) of each.
        match: float32 (others, filters), the correlation of a filter's answers over the same real windows with those
            of its partner in another model; partners are one to one, of the same height, and correlate most in sum.
        by_chance: the correlation that 1 % of partners exceed where the windows are shuffled.
        space: float32 (others,), linear CKA of all answers (Kornblith et al. 2019): whether the filters span the same
            space, however it is shared out among them. space_by_chance: the same where the windows are shuffled.
    """

    filters: tuple[tuple[int, int], ...]
    match: np.ndarray
    by_chance: float
    space: np.ndarray
    space_by_chance: float

    @property
    def others(self) -> int:
        """How many other seeds."""
        return len(self.match)

    def again(self, height: int, index: int) -> int:
        """In how many of the other models a filter is found again."""
        return int((self.match[:, self.filters.index((height, index))] > AGAIN).sum())

    def typical(self, height: int, index: int) -> float:
        """The median correlation of a filter with its partners."""
        return float(np.median(self.match[:, self.filters.index((height, index))]))

    @property
    def always(self) -> int:
        """How many filters are found again in every other model."""
        return int((self.match > AGAIN).all(0).sum()) if self.others else 0


def stability(model: Caser, others: Sequence[Caser], split: Split, seed: int = 0) -> Stability:
    """Match a model's filters with those of others that read the same windows.

    Raises:
        ValueError: another model has other filters.
    """
    filters = tuple(horizontal_filters(model))
    if any(tuple(horizontal_filters(other)) != filters for other in others):
        raise ValueError("the models have different filters; give models of one setting, trained with other seeds")
    windows = real_windows(split, model.L, seed=seed)
    own = _standard(answers(model, windows))
    shuffled = np.random.default_rng(seed).permutation(len(windows))
    match, chance, space, space_chance = [], [], [], []
    for other in others:
        theirs = _standard(answers(other, windows))
        match.append(_matched(own, theirs, filters))
        chance.append(_matched(own, theirs[shuffled], filters))
        space.append(cka(own, theirs))
        space_chance.append(cka(own, theirs[shuffled]))
    shape = (len(others), len(filters))
    return Stability(
        filters,
        np.array(match, np.float32).reshape(shape),
        float(np.quantile(chance, 0.99)) if np.size(chance) else 0.0,
        np.array(space, np.float32),
        float(np.mean(space_chance)) if space_chance else 0.0,
    )


def real_windows(split: Split, L: int, most: int = WINDOWS, seed: int = 0) -> np.ndarray:
    """int64 (n, L): windows of training histories, drawn at random if there are more than `most`."""
    starts = window_starts(split, L, "validation")
    if len(starts) > most:
        starts = np.sort(np.random.default_rng(seed).choice(starts, most, replace=False))
    return split.item[starts[:, None] + np.arange(L)]


@torch.inference_mode()
def answers(model: Caser, windows: np.ndarray) -> np.ndarray:
    """float64 (n, filters): what each horizontal filter hands on, after ReLU and max pooling."""
    found = []
    for some in np.array_split(windows, max(1, windows.size * model.config.d // CHUNK_CELLS)):
        E = model.embed(torch.as_tensor(some, device=model.device))  # (B, L, d)
        pooled = [response.amax(1).relu() for response in model.horizontal_responses(E)]  # (B, n_h) each
        found.append(to_numpy(torch.cat(pooled, 1)))
    return np.concatenate(found).astype(np.float64)


def _standard(values: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and length 1; 0 where a filter always answers the same."""
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
    """Linear centred kernel alignment of two sets of answers: float (n, p) and (n, q), columns of mean 0.

    >>> turned = np.array([[0.6, -0.8], [0.8, 0.6]])
    >>> x = np.array([[1.0, 0.0], [-1.0, 1.0], [0.0, -1.0]])
    >>> round(cka(x, x @ turned), 6)
    1.0
    """
    scale = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return float(np.linalg.norm(a.T @ b) ** 2 / scale) if scale else 0.0
