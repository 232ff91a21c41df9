"""Other histories than the one there is: edits of a window, and every order of its films."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import torch

from caser.explain.counterfactual import EXACT_ORDER, SAMPLES, scores_of
from caser.explain.records import to_numpy, window
from caser.models import Recommender

Films = tuple[int, ...]


def read(model: Recommender, history: Sequence[int]) -> Films:
    """The L places that a model reads, the oldest first; n_items is an empty place."""
    return tuple(to_numpy(window(model, history)[0]).tolist())


def dropped(films: Films, place: int, padding: int) -> Films:
    """With one place emptied, so that the others keep theirs.

    >>> dropped((4, 5, 6), 1, padding=9)
    (4, 9, 6)
    """
    return replaced(films, place, padding)


def replaced(films: Films, place: int, film: int) -> Films:
    """With another film at one place."""
    return (*films[:place], film, *films[place + 1 :])


def swapped(films: Films, place: int) -> Films:
    """With one place and the next exchanged; the last one has no next.

    >>> swapped((4, 5, 6), 1)
    (4, 6, 5)
    """
    if not 0 <= place < len(films) - 1:
        return films
    return (*films[:place], films[place + 1], films[place], *films[place + 2 :])


def turned(films: Films, padding: int) -> Films:
    """With the films in the opposite order; empty places stay.

    >>> turned((9, 4, 5, 6), padding=9)
    (9, 6, 5, 4)
    """
    return _refilled(films, padding, lambda there: there[::-1])


def shuffled(films: Films, padding: int, rng: np.random.Generator) -> Films:
    """With the films in another order, if there is one; empty places stay."""

    def deal(there: list[int]) -> list[int]:
        for _ in range(20):
            dealt = [there[at] for at in rng.permutation(len(there))]
            if dealt != there:
                return dealt
        return there

    return _refilled(films, padding, deal)


def _refilled(films: Films, padding: int, arrange) -> Films:
    there = [at for at, film in enumerate(films) if film != padding]
    after = list(films)
    for at, film in zip(there, arrange([films[at] for at in there]), strict=True):
        after[at] = film
    return tuple(after)


def order_scores(model: Recommender, user: int, history: Sequence[int], item: int, seed: int = 0) -> np.ndarray:
    """float64 (orders,): an item's score in the orders that `caser.explain.counterfactual.order_effect` is about."""
    films = np.array(read(model, history))  # (L,)
    at = np.flatnonzero(films != model.n_items)
    n = len(at)
    if n <= EXACT_ORDER:
        orders = np.array(list(permutations(range(n))), np.int64)  # (n!, n)
    else:
        orders = np.argsort(np.random.default_rng(seed).random((SAMPLES, n)), axis=1)  # (SAMPLES, n)
    sequences = np.tile(films, (len(orders), 1))  # (orders, L)
    sequences[:, at] = films[at][orders]
    return scores_of(model, user, torch.as_tensor(sequences, dtype=torch.int64, device=model.device), item)


def ranks(scores: np.ndarray, exclude: Sequence[int]) -> np.ndarray:
    """float64 (n_items,): every item's rank, 1 is first, ties in order of id; inf for those excluded."""
    found = np.full(len(scores), np.inf)
    excluded = np.zeros(len(scores), bool)
    excluded[np.asarray([i for i in exclude if i < len(scores)], np.int64)] = True
    left = np.flatnonzero(~excluded)
    found[left[np.lexsort((left, -scores[left].astype(np.float64)))]] = np.arange(1, len(left) + 1)
    return found
