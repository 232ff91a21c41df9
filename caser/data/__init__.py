"""The data sets, by name."""

from __future__ import annotations

from collections.abc import Callable

from caser.data import cinema, movielens, own
from caser.data.dataset import Dataset
from caser.data.source import Source
from caser.fields import named

EMBEDDED = cinema.NAME  # the one that is always there

__all__ = ["EMBEDDED", "Dataset", "Source", "available", "load", "noun", "source", "sources"]


def sources() -> dict[str, Source]:
    """Every data set that can be loaded now, by name; some come and go."""
    shipped = _shipped()
    return shipped | {one.name: one for one in own.sources() if one.name not in shipped}


def _shipped() -> dict[str, Source]:
    return {one.name: one for one in (cinema.source(), *movielens.sources())}


def _among(name: str) -> dict[str, Source]:
    """Where a name is looked up: a page asks for shipped sets dozens of times, and only for others the disk is read."""
    shipped = _shipped()
    return shipped if name in shipped else sources()


def noun(name: str) -> str:
    """What one item of a data set is; "film" for a set that is not kept here, such as one made by hand."""
    found = _among(name)
    return found[name].noun if name in found else "film"


def source(name: str) -> Source:
    """The named data set's source; ValueError lists all."""
    found = _among(name)
    return found[named("data set", name, found)]


def available(name: str) -> bool:
    """Whether `load` can succeed without a network; ValueError for an unknown name."""
    return source(name).available


def load(name: str, on_share: Callable[[float], None] | None = None) -> Dataset:
    """The named data set, from this machine; nothing is downloaded.

    Args:
        on_share: as for `Source.load`.

    Raises:
        ValueError: an unknown name, a data set that is not on this machine, or a broken file.
    """
    return source(name).load(on_share=on_share)
