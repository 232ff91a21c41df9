"""A list of items that are not all alike: maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998)."""

from __future__ import annotations

import numpy as np

from caser.data.checks import at_least

VARIETIES = (0.0, 0.25, 0.5, 0.75, 1.0)  # that the pages offer
CHOSEN_FROM = 100  # the best of a list, of which the varied one is made


def varied(ranked: np.ndarray, vectors: np.ndarray, k: int, variety: float) -> np.ndarray:
    """int64 (B, min(k, m)): of each ranked list k items, each the best in (1 - variety) x relevance less variety x its
    largest cosine with those before it.

    The relevance falls from 1 for the first of a ranked list to 0 for its last, so that it means the same for every
    model, whatever its scores. Equals are taken in their order.

    Args:
        ranked: int64 (B, m), dense items, the best first. vectors: float (n_items, d). variety: from 0 for the list as
            it is ranked to 1 for items as unlike as can be.

    Raises:
        ValueError: a variety outside 0 to 1, or a negative k.
    """
    at_least(0, k=k)
    if not 0 <= variety <= 1:
        raise ValueError(f"variety is {variety:g}; give a number from 0 for the best to 1 for the most varied")
    batch, m = ranked.shape
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, length, out=np.zeros_like(vectors, dtype=np.float64), where=length > 0)[
        ranked
    ]  # (B, m, d)
    relevance = np.broadcast_to(np.linspace(1, 0, m), (batch, m))
    nearest, rows = np.zeros((batch, m)), np.arange(batch)
    taken, places = np.zeros((batch, m), bool), []
    for place in range(min(k, m)):
        value = np.where(taken, -np.inf, (1 - variety) * relevance - variety * nearest)
        best = value.argmax(1)  # (B,)
        places.append(best)
        taken[rows, best] = True
        cosine = np.einsum("bmd,bd->bm", unit, unit[rows, best])
        nearest = np.maximum(nearest, cosine) if place else cosine
    return np.take_along_axis(ranked, np.array(places, np.int64).reshape(-1, batch).T, 1)
