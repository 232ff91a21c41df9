"""Viewers and sequences worth looking at, found in the data rather than listed by hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from caser.evaluation import Ranks

SEQUENCE_GENRES = ("Sci-Fi", "Horror", "Animation", "Romance", "Western", "War", "Musical", "Film-Noir")
SEQUENCE_LENGTH = 5


def viewers(ranks: Ranks, baseline: Ranks | None, name: str, lengths: np.ndarray) -> dict[str, int]:
    """Dense users by what makes them worth a look, the default first.

    Args:
        ranks, baseline: of the model called `name` and of MF, over the same users.
        lengths: int (n_users,), interactions a user.
    """
    users, found = ranks.users, {}
    if baseline is not None and np.array_equal(users, baseline.users):
        own, other = np.log2(ranks.rank + 1), np.log2(baseline.rank + 1)
        found[f"{name}'s clearest win over MF"] = users[np.argmax(other - own)]
        found[f"MF's clearest win over {name}"] = users[np.argmax(own - other)]
        found["Both models see it coming"] = users[np.argmin(own + other)]
        found["Both models are surprised"] = users[np.argmax(own + other)]
    found["The longest history"] = users[np.argmax(lengths[users])]
    found["The shortest history"] = users[np.argmin(lengths[users])]
    return {label: int(user) for label, user in found.items()}


def sequences(genres: Iterable[tuple[str, ...]], counts: np.ndarray) -> dict[str, list[int]]:
    """Dense items by theme: the most watched films of a genre, the most watched last.

    Args:
        genres: a tuple a film. counts: int (n_items,), how often each was watched.
    """
    holds = pd.Series(list(genres)).map(set)
    found = {}
    for genre in SEQUENCE_GENRES:
        films = np.flatnonzero(holds.map(lambda own, genre=genre: genre in own))
        if len(films) >= SEQUENCE_LENGTH:
            best = films[np.argsort(-counts[films], kind="stable")][:SEQUENCE_LENGTH]
            found[f"{genre} evening"] = best[::-1].tolist()
    return found
