"""Films on a plane: the two principal components of a model's film embeddings, by numpy's SVD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from caser.explain.concepts import Known, RowName, names_of_rows
from caser.explain.similar import film_vectors
from caser.models import Caser


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
