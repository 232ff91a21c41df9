"""Films by their vectors: those that a model takes for alike, and all on a plane.

The plane is that of the two principal components, by numpy's SVD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from caser.data.checks import at_least
from caser.data.dataset import Dataset
from caser.explain.concepts import Known, RowName, names_of_rows
from caser.explain.filters import has_convolutions
from caser.models import Caser, DotProduct, Recommender
from caser.recommend import table, to_numpy

COSINE = "cosine"  # of two films' vectors, in [-1, 1]


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


def similar(model: Recommender, dataset: Dataset, item: int, k: int, among: np.ndarray) -> pd.DataFrame:
    """The `nearest` k films to one, whatever was watched: `recommend.table` with `COSINE` for the score.

    Args:
        item: dense. among: as `preferences.often_watched` gives them; others keep much of their random start.

    Raises:
        ValueError: k below 1, or a model without vectors of films.
    """
    at_least(1, k=k)
    vectors = film_vectors(model)
    if vectors is None:
        raise ValueError(f"{model.label} has no vectors of items to compare; name a model that has, such as a Caser")
    alike = nearest(vectors, item, k, among)
    items = np.array([other for other, _ in alike], np.int64)
    cosine = np.zeros(dataset.n_items)
    cosine[items] = [value for _, value in alike]
    return table(dataset, items, cosine).rename(columns={"score": COSINE})


@dataclass(frozen=True, eq=False)
class FilmMap:
    """Where films lie on the plane that holds most of their spread.

    Attributes:
        place: float (n_items, 2), every film's. films: int64, those the plane was fitted to.
        share: of the variance that each axis holds, in [0, 1].
        names: what each axis means to the right or upwards, tested as the rows of filters are; None where nothing
            explains it better than random directions.
    """

    place: np.ndarray
    films: np.ndarray
    share: tuple[float, float]
    names: tuple[RowName | None, ...]


def film_map(model: Caser, films: np.ndarray, known: Known) -> FilmMap:
    """The plane of the films `films`, int64; `known` is of them, as `concepts.concepts_of` gives it."""
    items = film_vectors(model)  # (n_items, d)
    middle = items[films].mean(0)
    _, size, axes = np.linalg.svd(items[films] - middle, full_matrices=False)
    axes = np.pad(axes[:2], ((0, max(0, 2 - len(axes))), (0, 0)))  # (2, d), also where d is 1
    place = (items - middle) @ axes.T  # (n_items, 2)
    variance = np.pad(size**2, (0, 2)) / max(float((size**2).sum()), 1e-12)
    share = float(variance[0]), float(variance[1])
    return FilmMap(place, np.asarray(films), share, names_of_rows(axes, items[films], known))
