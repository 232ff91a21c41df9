"""Films on a plane: the two principal components of a model's film embeddings, by numpy's SVD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from caser.models import Caser
from caser.recommend import to_numpy

LEAST_FILMS = 20  # of a genre that names an end of an axis


@dataclass(frozen=True, eq=False)
class FilmMap:
    """Where films lie on the plane that holds most of their spread.

    Attributes:
        place: float (n_items, 2), every film's. films: int64, those the plane was fitted to.
        share: of the variance that each axis holds, in [0, 1].
        ends: for each axis the genres whose films lie lowest and highest on average; "" where none is
            large enough.
    """

    place: np.ndarray
    films: np.ndarray
    share: tuple[float, float]
    ends: tuple[tuple[str, str], tuple[str, str]]


def film_map(model: Caser, genres: pd.Series, films: np.ndarray) -> FilmMap:
    """The plane of the films `films`, int64; `genres` holds a tuple for each film of the catalogue."""
    items = to_numpy(model.items.weight[: model.n_items])  # (n_items, d)
    middle = items[films].mean(0)
    _, size, axes = np.linalg.svd(items[films] - middle, full_matrices=False)
    axes = np.pad(axes[:2], ((0, max(0, 2 - len(axes))), (0, 0)))  # (2, d), also where d is 1
    place = (items - middle) @ axes.T  # (n_items, 2)
    variance = np.pad(size**2, (0, 2)) / max(float((size**2).sum()), 1e-12)
    ends = tuple(_ends(place[films, axis], genres.iloc[films]) for axis in (0, 1))
    return FilmMap(place, np.asarray(films), (float(variance[0]), float(variance[1])), ends)


def _ends(place: np.ndarray, genres: pd.Series) -> tuple[str, str]:
    films = pd.DataFrame({"genre": list(genres), "place": place}).explode("genre").dropna()
    by_genre = films.groupby("genre")["place"].agg(["mean", "size"])
    mean = by_genre.loc[by_genre["size"] >= LEAST_FILMS, "mean"]
    return (str(mean.idxmin()), str(mean.idxmax())) if len(mean) > 1 else ("", "")
