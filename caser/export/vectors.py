"""What a model learnt of items and users as tables: an item's score for a user is a product of two rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from caser.data.dataset import Dataset, Split
from caser.data.histories import Histories
from caser.models import DotProduct, Recommender
from caser.recommend import to_numpy

BATCH = 1024  # users at once


def require(model: Recommender) -> None:
    """ValueError, with the remedy, for a model whose scores are no products of vectors."""
    if not model.learns:
        raise ValueError(
            f"{model.label} counts and learns no vectors; leave --vectors out, or train a model that learns, such as mf"
        )
    if not isinstance(model, DotProduct):
        raise ValueError(
            f"{model.label} scores by a network, not by a product of two vectors; leave --vectors out, or take a model "
            "such as mf or caser"
        )


def write_items(dataset: Dataset, path: Path) -> None:
    """What each dense id is: item (from 0, the column of `scores`), item_id, title and year (0 if unknown)."""
    rows = dataset.catalogue[["item_id", "title", "year"]]
    rows.to_csv(path, sep="\t", index_label="item")


def write(model: DotProduct, split: Split, folder: Path) -> None:
    """Write item_vectors and user_vectors, each as TSV and as Parquet.

    An item's row holds item_id, title, bias and k numbers v1..vk; a user's user_id and k numbers, made of what is known
    of the user and of the items before the test item. Their product plus the bias is the score.
    """
    weight, bias = (to_numpy(part) for part in model.item_table())
    catalogue = split.dataset.catalogue
    about = {"item_id": catalogue["item_id"], "title": catalogue["title"], "bias": bias}
    _write(pd.DataFrame(about), weight, folder / "item_vectors")
    users = [split.dataset.user_id(user) for user in range(split.dataset.n_users)]
    _write(pd.DataFrame({"user_id": users}), queries(model, split), folder / "user_vectors")


@torch.inference_mode()
def queries(model: DotProduct, split: Split) -> np.ndarray:
    """float32 (n_users, k): what each user's items before the test item, and the user's row, are made into."""
    histories = Histories(split, "test", model.device)
    users = torch.arange(split.dataset.n_users, device=model.device)
    return to_numpy(torch.cat([model.query(some, _read(histories, some, model.L)) for some in users.split(BATCH)]))


def _read(histories: Histories, users: Tensor, L: int) -> Tensor:
    """int64 (B, L): the last L items of users' visible histories, which have one at least."""
    last = histories.end[users] - 1  # of a user too short to be tested the end is another's place, or none
    if not L:
        return histories.windows(last, 0)  # (B, 0)
    return torch.cat([histories.windows(last, L - 1), histories.item[last, None].long()], 1)  # (B, L)


def _write(about: pd.DataFrame, vectors: np.ndarray, path: Path) -> None:
    numbers = pd.DataFrame(vectors, columns=[f"v{place}" for place in range(1, vectors.shape[1] + 1)])
    table = pd.concat([about, numbers], axis=1)
    table.to_csv(path.with_suffix(".tsv"), sep="\t", index=False)
    table.to_parquet(path.with_suffix(".parquet"), index=False)
