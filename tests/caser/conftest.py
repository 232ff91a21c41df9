"""Small data the library tests share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from caser.data.dataset import Dataset, from_interactions, split


def make_dataset(rows, n_items: int | None = None, name: str = "tiny") -> Dataset:
    """A data set from (user, item, timestamp) rows; item ids run from 1."""
    user, item, timestamp = np.array(rows).T
    n_items = n_items or item.max()
    catalogue = pd.DataFrame(
        {
            "item_id": np.arange(1, n_items + 1),
            "title": [f"Film {chr(65 + i % 26)}{i}" for i in range(n_items)],
            "year": 1990,
            "genres": [("Drama",)] * n_items,
        }
    )
    return from_interactions(name, user, item, timestamp, np.ones(len(user)), catalogue, licence="invented")


@pytest.fixture(scope="session")
def cycle():
    """20 users who each watch items 1..12 in one circle of order, each from a start of their own."""
    n_items = 12
    rows = [(u, (u + t) % n_items + 1, t) for u in range(20) for t in range(9)]
    return split(make_dataset(rows, n_items, "cycle"))
