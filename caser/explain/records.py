"""What explanations are made of: records that can be written as JSON, and films."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from caser.data.dataset import Dataset


class Record:
    """A frozen dataclass that can be written as JSON."""

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, in plain lists, dicts, numbers and strings."""
        return {f.name: plain(getattr(self, f.name)) for f in fields(self)}


def plain(value: Any) -> Any:
    """`value` in JSON's types: records become dicts, tuples and arrays lists, numpy's numbers Python's."""
    if isinstance(value, Record):
        return value.to_dict()
    if is_dataclass(value):
        raise TypeError(f"{type(value).__name__} has no to_dict; make it a Record")
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


@dataclass(frozen=True)
class Film(Record):
    """A film of a data set: its dense id, the data set's own id, title and year (0 if unknown)."""

    item: int
    item_id: int | str
    title: str
    year: int


def film(dataset: Dataset, item: int) -> Film:
    """The film with a dense id."""
    row = dataset.catalogue
    return Film(int(item), dataset.item_id(item), str(row["title"].iat[item]), int(row["year"].iat[item]))


def adding_up(values: Sequence[float], digits: int = 2, total: float | None = None) -> list[float]:
    """The values rounded so that they sum to their rounded sum: those lose least that are cut most (Hamilton's rule).

    Args:
        total: what they must sum to instead, where they share out what was rounded already.

    >>> adding_up([0.333, 0.333, 0.334], 1), round(0.3 * 3, 1)
    ([0.3, 0.3, 0.4], 0.9)
    >>> adding_up([1.004, 1.004, -0.004])
    [1.0, 1.0, 0.0]
    """
    scaled = np.asarray(values, np.float64) * 10**digits
    if not np.isfinite(scaled).all():
        return list(values)
    floor = np.floor(scaled)
    wanted = round(float(scaled.sum()) if total is None else total * 10**digits)
    every, some = divmod(wanted - int(floor.sum()), max(len(floor), 1))
    floor += every
    floor[np.argsort(floor - scaled, kind="stable")[:some]] += 1
    return (floor / 10**digits).tolist()
