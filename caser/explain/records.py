"""What explanations are made of: records that can be written as JSON, films, and the window of a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from caser.data.dataset import Dataset
from caser.models import Recommender


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
    item_id: int
    title: str
    year: int


def film(dataset: Dataset, item: int) -> Film:
    """The film with a dense id."""
    row = dataset.catalogue
    return Film(int(item), int(dataset.item_ids[item]), str(row["title"].iat[item]), int(row["year"].iat[item]))


def window(model: Recommender, history: Sequence[int]) -> Tensor:
    """What the model reads of a history (dense ids, oldest first): int64 (1, L), padded on the left.

    Raises:
        ValueError: an id outside 0..n_items (n_items is the padding).
    """
    recent = [int(item) for item in history][-model.L :] if model.L else []
    wrong = next((item for item in recent if not 0 <= item <= model.n_items), None)
    if wrong is not None:
        raise ValueError(f"no item {wrong} in a catalogue of {model.n_items}; give dense ids from 0")
    padded = [model.n_items] * (model.L - len(recent)) + recent
    return torch.tensor([padded], dtype=torch.int64, device=model.device).view(1, model.L)  # (1, L)


def to_numpy(tensor: Tensor) -> np.ndarray:
    """The tensor's values on the host, without its gradient."""
    return tensor.detach().cpu().numpy()
