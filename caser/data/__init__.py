"""The data sets, by name."""

from __future__ import annotations

from caser.data import cinema, movielens
from caser.data.dataset import Dataset
from caser.fields import named

CINEMA = "cinema"
DATASETS = (CINEMA, *movielens.SOURCES)

__all__ = ["CINEMA", "DATASETS", "Dataset", "available", "load"]


def available(name: str) -> bool:
    """Whether `load` can succeed without a network; ValueError for an unknown name."""
    return named("data set", name, DATASETS) == CINEMA or movielens.find(name) is not None


def load(name: str) -> Dataset:
    """The named data set, from this machine; nothing is downloaded.

    Raises:
        ValueError: an unknown name, a data set that is not on this machine, or a broken file.
    """
    if named("data set", name, DATASETS) == CINEMA:
        return cinema.generate().dataset
    return movielens.load(name)
