"""What each horizontal filter of a Caser seeks: in the catalogue and in real histories.

A filter's response to a run of films is a sum of one inner product a row, F_row . E_film, plus its
bias (Tang & Wang 2018, section 3.2), so what excites it most can be found exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from caser.data.dataset import Dataset, Split
from caser.explain.filters import filter_bias, filter_weights
from caser.explain.records import Film, Record, film
from caser.explain.shares import CHUNK_CELLS
from caser.models import Caser
from caser.recommend import to_numpy

OFTEN, FEWEST = 20, 11  # times a film is watched often; so many films must be, or all of them are taken
BEAMS = (1_000, 30_000)  # beginnings of n-grams kept in the search for the best; more if fewer are not exact


def row_responses(model: Caser, height: int, index: int) -> np.ndarray:
    """float32 (height, n_items): F_row . E_film; a window's response is a sum of these plus the bias."""
    weights = torch.as_tensor(filter_weights(model, height, index), device=model.device)
    return to_numpy(weights @ model.items.weight[: model.n_items].T)


def often_watched(split: Split, least: int = OFTEN) -> np.ndarray:
    """int64: the films watched at least so often before the validation targets; all if these are fewer than `FEWEST`.

    A film hardly anybody watched keeps much of its random start, so the extremes of a large catalogue
    are mostly noise; the functions here take the films to look at as `among`.
    """
    films = np.flatnonzero(np.bincount(split.item[window_starts(split, 1, "validation")]) >= least)
    return films if len(films) >= FEWEST else np.arange(split.dataset.n_items)


def _films(dataset: Dataset, among: np.ndarray | None) -> np.ndarray:
    return np.arange(dataset.n_items) if among is None else np.asarray(among, np.int64)


@dataclass(frozen=True)
class NGram(Record):
    """Films in a row, a filter's response to them before ReLU, and how often histories hold them."""

    films: tuple[Film, ...]
    response: float
    count: int


@dataclass(frozen=True)
class NGrams(Record):
    """The n-grams that excite a filter most, the strongest first.

    Attributes:
        exact: False only if the search was cut short, so that a better one may exist.
        windows: how many n-grams they were chosen from.
        alive: share of those with a response above zero; None where it is not counted.
    """

    best: tuple[NGram, ...]
    exact: bool
    windows: int
    alive: float | None


def catalogue_ngrams(
    model: Caser, dataset: Dataset, height: int, index: int, k: int = 10, among: np.ndarray | None = None
) -> NGrams:
    """The k n-grams of different films that excite a filter most, of all the catalogue could form.

    The response is a sum over rows, so they are combined from the rows' own orders: at most the first
    k + height - 1 films of a row can matter. `exact` says whether anything better can have been missed.

    Args:
        among: int64, the films to choose from; None takes the whole catalogue.
    """
    films = _films(dataset, among)
    rows = row_responses(model, height, index)[:, films]  # (h, n)
    order = np.argsort(-rows, axis=1, kind="stable")[:, : k + height - 1]  # (h, m)
    value = np.take_along_axis(rows, order, 1).astype(np.float64)  # (h, m)
    for beam in BEAMS:
        ngrams, totals, exact = _best_combinations(films[order], value, k, beam)
        if exact:
            break
    bias = filter_bias(model, height, index)
    best = (
        NGram(tuple(film(dataset, i) for i in items), float(total) + bias, 0)
        for items, total in zip(ngrams, totals, strict=True)
    )
    possible = np.prod(np.maximum(len(films) - np.arange(height, dtype=float), 0))
    return NGrams(tuple(best), exact, int(possible), None)


def _best_combinations(items: np.ndarray, value: np.ndarray, k: int, beam: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """The k combinations of one item from each row, none twice, with the highest sums, the highest first.

    Rows are added one by one to the `beam` best beginnings. The result is exact if no beginning that
    was given up could have ended above the last one kept.

    Args:
        items: int64 (h, m), items a row. value: float64 (h, m), theirs.

    Returns:
        int64 (n, h), float64 (n,), whether they are exact; n < k only if there are no more.
    """
    height, m = items.shape
    chosen, total, lost = np.zeros((1, 0), np.int64), np.zeros(1), -np.inf
    for row in range(height):
        free = (items[row][:, None] != chosen[:, None, :]).all(2)  # (n, m)
        sums = np.where(free, total[:, None] + value[row], -np.inf).ravel()  # (n * m,)
        keep = k if row == height - 1 else beam
        best = np.argsort(-sums, kind="stable")
        if len(best) > keep and row < height - 1:
            lost = max(lost, sums[best[keep]] + value[row + 1 :].max(1).sum())
        best = best[:keep][sums[best[:keep]] > -np.inf]
        chosen = np.column_stack([chosen[best // m], items[row][best % m]])  # (n, row + 1)
        total = sums[best]
    return chosen, total, bool(lost == -np.inf or (len(total) == k and lost <= total[-1]))


def history_responses(
    model: Caser, split: Split, height: int, index: int, stage: str = "validation"
) -> tuple[np.ndarray, np.ndarray]:
    """A filter over every run of `height` films that somebody really watched, before ReLU.

    Args:
        stage: whose targets stay hidden; "validation" reads the train part alone.

    Returns:
        int64 (n,): where in `split.item` each run starts; float32 (n,): the response to it.
    """
    starts = window_starts(split, height, stage)
    rows = row_responses(model, height, index)  # (h, n_items)
    responses = np.full(len(starts), filter_bias(model, height, index), np.float32)
    for low in range(0, len(starts), CHUNK_CELLS):
        chunk = slice(low, low + CHUNK_CELLS)
        for row in range(height):
            responses[chunk] += rows[row, split.item[starts[chunk] + row]]
    return starts, responses


def window_starts(split: Split, height: int, stage: str) -> np.ndarray:
    """int64: where a run of `height` visible films of one user starts in `split.item`."""
    offset, end = split.dataset.offset[:-1], split.end(stage)
    runs = np.maximum(end - offset - height + 1, 0)  # (n_users,)
    return np.arange(runs.sum()) + np.repeat(offset - np.concatenate([[0], runs.cumsum()[:-1]]), runs)


def history_ngrams(
    model: Caser, split: Split, height: int, index: int, k: int = 10, stage: str = "validation"
) -> NGrams:
    """The k different n-grams of real histories that excite a filter most, and how often each occurs."""
    starts, responses = history_responses(model, split, height, index, stage)
    if not len(starts):
        return NGrams((), True, 0, 0.0)
    taken = min(len(starts), 4 * k)
    while True:
        cut = np.partition(responses, len(responses) - taken)[len(responses) - taken]
        runs = np.flatnonzero(responses >= cut)  # every copy of an n-gram has the very same response
        ngrams = split.item[starts[runs][:, None] + np.arange(height)]  # (m, h)
        unique, first, count = np.unique(ngrams, axis=0, return_index=True, return_counts=True)
        if len(unique) >= k or taken == len(starts):
            break
        taken = min(len(starts), 4 * taken)
    strongest = np.argsort(-responses[runs[first]], kind="stable")[:k]
    best = (
        NGram(tuple(film(split.dataset, i) for i in unique[u]), float(responses[runs[first[u]]]), int(count[u]))
        for u in strongest
    )
    return NGrams(tuple(best), True, len(starts), float((responses > 0).mean()))


@torch.inference_mode()
def alive_share(
    model: Caser, split: Split, stage: str = "validation", most: int = 100_000, seed: int = 0
) -> np.ndarray:
    """float64 (L, n_h), by height - 1 and filter: the share of real windows of L films in which it fires.

    Args:
        stage: as in `history_responses`. most: with more windows than this, so many are drawn at random.
    """
    starts = window_starts(split, model.L, stage)
    if len(starts) > most:
        starts = np.sort(np.random.default_rng(seed).choice(starts, most, replace=False))
    fired = np.zeros((model.L, model.config.n_h))
    for chunk in np.array_split(starts, max(1, len(starts) * (model.L * model.config.d) // CHUNK_CELLS)):
        items = torch.as_tensor(split.item[chunk[:, None] + np.arange(model.L)], device=model.device)  # (B, L)
        responses = model.horizontal_responses(model.embed(items)) if model.config.n_h else ()
        for h, response in enumerate(responses):
            fired[h] += to_numpy((response.amax(1) > 0).sum(0))
    return fired / max(len(starts), 1)
