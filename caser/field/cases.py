"""Viewers and sequences worth a look, found by computing an effect for everybody rather than listed by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from caser.data.dataset import Split, evenly
from caser.evaluation import Ranks
from caser.explain.edits import read
from caser.models import Recommender

MOST, MOST_CELLS = 1_000, 10_000_000  # viewers examined, evenly spread, and those times the films
ORDERS = 24  # drawn a viewer; enough to find a large effect, the page then computes it exactly
ORDER, CONCENTRATION, GAIN = "order", "concentration", "gain"


@dataclass(frozen=True)
class Case:
    """A viewer (dense) and a film (dense) that show `effect`, and how large it is."""

    effect: str
    user: int
    item: int
    size: float


def cases(model: Recommender, split: Split, ranks: Ranks, baseline: Ranks | None, seed: int = 0) -> tuple[Case, ...]:
    """The clearest case of each effect, for viewers with a full window.

    The order effect is how many places the first film recommended falls in the median of random orders of the
    window; the concentration is the largest share of one film in what
    all add together, by what dropping it alone costs; the gain is the held-out film's rank, in doublings,
    above the baseline's.
    """
    users, windows = _windows(model, split)
    clearest = []
    if len(users) and model.L > 1:
        best = _unseen_scores(model, split, users, windows).argmax(1)  # (n,), each viewer's first recommendation
        clearest.append(_largest(ORDER, users, best, _order_effects(model, split, users, windows, best, seed)))
        clearest.append(_largest(CONCENTRATION, users, best, _concentrations(model, users, windows, best)))
    if baseline is not None and np.array_equal(ranks.users, baseline.users):
        gain = np.log2((baseline.rank + 1) / (ranks.rank + 1))
        targets = split.item[split.end("test")[ranks.users]]
        clearest.append(_largest(GAIN, ranks.users, targets, np.where(ranks.rank < 10, gain, -np.inf)))
    return tuple(case for case in clearest if np.isfinite(case.size) and case.size > 0)


def _largest(effect: str, users: np.ndarray, items: np.ndarray, size: np.ndarray) -> Case:
    at = int(size.argmax())
    return Case(effect, int(users[at]), int(items[at]), float(size[at]))


def looked_at(split: Split) -> np.ndarray:
    """The users, dense and ascending, among whom cases are looked for: all, or evenly drawn ones of many."""
    return evenly(split.evaluated, min(MOST, MOST_CELLS // split.dataset.n_items))


def _windows(model: Recommender, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """int64 (n,), (n, L): viewers whose window is full, and what it holds."""
    users = looked_at(split)
    windows = np.array([read(model, split.history(user)) for user in users], np.int64).reshape(len(users), -1)
    full = (windows != model.n_items).all(1)
    return users[full], windows[full]


@torch.inference_mode()
def _unseen_scores(model: Recommender, split: Split, users: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """float (n, n_items): every viewer's scores, -inf for what was watched."""
    scores = model.scores(torch.as_tensor(users), torch.as_tensor(windows)).numpy()
    for row, user in enumerate(users):
        scores[row, split.history(user)] = -np.inf
    return scores


@torch.inference_mode()
def _scores(model: Recommender, users: np.ndarray, windows: np.ndarray, items: np.ndarray) -> np.ndarray:
    """float (n,): one item's score for each row."""
    given = (torch.as_tensor(part) for part in (users, windows, items[:, None]))
    return model.scores(*given)[:, 0].numpy()


def _order_effects(
    model: Recommender, split: Split, users: np.ndarray, windows: np.ndarray, items: np.ndarray, seed: int
) -> np.ndarray:
    """float (n,): how many films overtake an item in the median of random orders of the window."""
    rng, overtaken = np.random.default_rng(seed), []
    for _ in range(ORDERS):
        scores = _unseen_scores(model, split, users, windows[:, rng.permutation(model.L)])  # (n, n_items)
        overtaken.append((scores > np.take_along_axis(scores, items[:, None], 1)).sum(1))
    return np.median(overtaken, 0)


def _concentrations(model: Recommender, users: np.ndarray, windows: np.ndarray, items: np.ndarray) -> np.ndarray:
    whole = _scores(model, users, windows, items)  # (n,)
    lost = []
    for place in range(model.L):
        without = windows.copy()
        without[:, place] = model.n_items
        lost.append(whole - _scores(model, users, without, items))
    lost = np.stack(lost)  # (L, n)
    return lost.max(0) / np.maximum(np.abs(lost).sum(0), 1e-6)


SEQUENCE_GENRES = ("Sci-Fi", "Horror", "Animation", "Romance", "Western", "War", "Musical", "Film-Noir")


SEQUENCE_LENGTH = 5


def viewers(ranks: Ranks, baseline: Ranks | None, rival: str, name: str, lengths: np.ndarray) -> dict[str, int]:
    """Dense users by what makes them worth a look, the default first.

    Args:
        ranks, baseline: of the model called `name` and of the one called `rival`, over the same users.
        lengths: int (n_users,), interactions of each user.
    """
    users, users_by_reason = ranks.users, {}
    if baseline is not None and np.array_equal(users, baseline.users):
        own, other = np.log2(ranks.rank + 1), np.log2(baseline.rank + 1)
        users_by_reason[f"{name}'s clearest win over {rival}"] = users[np.argmax(other - own)]
        users_by_reason[f"{rival}'s clearest win over {name}"] = users[np.argmax(own - other)]
        users_by_reason["Both models rank it high"] = users[np.argmin(own + other)]
        users_by_reason["Both models rank it low"] = users[np.argmax(own + other)]
    users_by_reason["The longest history"] = users[np.argmax(lengths[users])]
    users_by_reason["The shortest history"] = users[np.argmin(lengths[users])]
    return {label: int(user) for label, user in users_by_reason.items()}


def sequences(genres: Iterable[tuple[str, ...]], counts: np.ndarray) -> dict[str, list[int]]:
    """Dense items by theme: the most watched films of a genre, the most watched last.

    Args:
        genres: a tuple for each film. counts: int (n_items,), how often each was watched.
    """
    holds = pd.Series(list(genres)).map(set)
    evenings = {}
    for genre in SEQUENCE_GENRES:
        films = np.flatnonzero(holds.map(lambda listed, genre=genre: genre in listed))
        if len(films) >= SEQUENCE_LENGTH:
            best = films[np.argsort(-counts[films], kind="stable")][:SEQUENCE_LENGTH]
            evenings[f"{genre} evening"] = best[::-1].tolist()
    return evenings
