"""What cinema's own distribution of the next film reaches: the ceiling of every model there."""

from __future__ import annotations

import numpy as np

from caser.data.cinema import WINDOW, Cinema
from caser.data.dataset import Split
from caser.data.histories import Histories
from caser.evaluation import Ranks

LISTED = 10


def oracle(cinema: Cinema, split: Split) -> tuple[Ranks, float]:
    """Where the test films come by their true probability among the unseen films, and HR@10 as it is expected: how
    probable the ten most probable films are, on average over the viewers."""
    users, histories = split.evaluated, Histories(split, "test")
    windows = histories.windows(histories.end[users], WINDOW).numpy()
    seen = np.zeros((len(users), split.dataset.n_items), bool)
    for row, user in zip(seen, users, strict=True):
        row[split.history(user)] = True
    p = cinema.next_film_probabilities(users, windows, seen)  # (n, n_items)
    own = p[np.arange(len(users)), split.target("test")][:, None]  # (n, 1)
    rank = ((p > own) & ~seen).sum(1) + (((p == own) & ~seen).sum(1) - 1) / 2  # (n,)
    expected = np.sort(p, 1)[:, -LISTED:].sum(1).mean()
    return Ranks(users, rank, (~seen).sum(1)), float(expected)
