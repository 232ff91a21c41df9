"""Films that a model takes for alike: those whose vectors point the same way."""

from __future__ import annotations

import numpy as np

from caser.explain.filters import has_convolutions
from caser.models import DotProduct, Recommender
from caser.recommend import to_numpy


def film_vectors(model: Recommender) -> np.ndarray | None:
    """float32 (n_items, k): the rows of E where filters read them, else those that scores are made with.

    None for a model without vectors of films.
    """
    if has_convolutions(model):
        return to_numpy(model.items.weight[: model.n_items])
    return to_numpy(model.item_table()[0]) if isinstance(model, DotProduct) else None


def nearest(vectors: np.ndarray, item: int, k: int, among: np.ndarray) -> list[tuple[int, float]]:
    """The k films whose vectors have the largest cosine with that of `item`, with it, the nearest first.

    Args:
        vectors: float (n_items, k). item: dense. among: int64, the films to choose from; `item` itself is left out.

    >>> nearest(np.array([[1.0, 0], [2, 0.2], [0, 1], [-1, 0]]), 0, k=2, among=np.arange(4))[0][0]
    1
    """
    others = among[among != item]
    length = np.linalg.norm(vectors[others], axis=1) * np.linalg.norm(vectors[item])
    cosine = np.divide(vectors[others] @ vectors[item], length, out=np.zeros(len(others)), where=length > 0)
    best = np.argsort(-cosine, kind="stable")[:k]
    return [(int(others[at]), float(cosine[at])) for at in best]
