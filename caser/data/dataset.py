"""Interactions as flat arrays, the leave-last-out split, and windows by index gather.

Nothing is stored a window: a training position p in the flat array has the history
`item[p - L : p]`, cut at the user's start and padded on the left.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import torch
from torch import Tensor

CATALOGUE_COLUMNS = ("item_id", "title", "year", "genres")
TIES = ("first", "last")
STAGES = ("validation", "test")
DENSE_CELLS = 1 << 28  # users x items held as one table: 256 MiB of bool


@dataclass(frozen=True, eq=False)
class Dataset:
    """Interactions sorted by (user, time, file order), with dense ids 0..n-1.

    Attributes:
        name: e.g. "ml-100k".
        item: int64 (n,), dense item ids. timestamp: int64 (n,), seconds. rating: float32 (n,).
        offset: int64 (n_users + 1,); user u owns `item[offset[u] : offset[u + 1]]`.
        catalogue: one row a dense item id: item_id (the data set's own), title, year (0 if unknown),
            genres (tuple of str, perhaps empty).
        user_ids: int64 (n_users,), the data set's own user ids.
        simulated: True where no real person is behind a user.
        licence: one line to show wherever the data is shown.
    """

    name: str
    item: np.ndarray
    timestamp: np.ndarray
    rating: np.ndarray
    offset: np.ndarray
    catalogue: pd.DataFrame
    user_ids: np.ndarray
    simulated: bool
    licence: str

    @property
    def n_users(self) -> int:
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        return len(self.catalogue)

    @property
    def padding(self) -> int:
        """The id that stands for "no item" in a window: never sampled, ranked or explained."""
        return self.n_items

    def __len__(self) -> int:
        return len(self.item)

    @cached_property
    def item_ids(self) -> np.ndarray:
        """int64 (n_items,), the data set's own item ids."""
        return self.catalogue["item_id"].to_numpy(np.int64)

    @cached_property
    def checksum(self) -> str:
        """Hex digest of who watched what in which order: two data sets are the same if it is."""
        digest = hashlib.blake2b(digest_size=16)
        for array in (self.user_ids, self.item_ids, self.offset, self.item, self.timestamp):
            digest.update(np.ascontiguousarray(array, dtype="<i8"))
        return digest.hexdigest()

    def user_index(self, user_id: int) -> int:
        """The dense index of the data set's own user id; ValueError names the range there is."""
        at = int(np.searchsorted(self.user_ids, user_id))
        if at == self.n_users or self.user_ids[at] != user_id:
            raise ValueError(
                f"no user {user_id} in {self.name}; its {self.n_users:,} user ids run "
                f"from {self.user_ids[0]} to {self.user_ids[-1]}"
            )
        return at

    def user_of_interaction(self) -> np.ndarray:
        """int64 (n,): the dense user of every interaction."""
        return np.repeat(np.arange(self.n_users), np.diff(self.offset))


def from_interactions(
    name: str,
    user: np.ndarray,
    item: np.ndarray,
    timestamp: np.ndarray,
    rating: np.ndarray,
    catalogue: pd.DataFrame,
    *,
    simulated: bool = False,
    licence: str = "",
) -> Dataset:
    """A Dataset from rows in file order with the source's own ids.

    Args:
        user, item, timestamp: integer (n,). rating: float (n,).
        catalogue: columns item_id, title, year, genres; films nobody rated are left out.

    Raises:
        ValueError: no rows, or an item that the catalogue lacks.
    """
    if len(user) == 0:
        raise ValueError(f"{name} has no interactions; check that its rating file is complete")
    user_ids, user = _dense(np.asarray(user))
    item_ids, item = _dense(np.asarray(item))
    rows = catalogue.set_index("item_id", drop=False)
    unknown = item_ids[~np.isin(item_ids, rows.index)]
    if len(unknown):
        raise ValueError(f"{name} rates item {unknown[0]}, which its film list lacks; fetch both files together")
    order = _by_user_and_time(user, np.asarray(timestamp))
    return Dataset(
        name=name,
        item=item[order].astype(np.int64),
        timestamp=np.asarray(timestamp)[order].astype(np.int64),
        rating=np.asarray(rating)[order].astype(np.float32),
        offset=np.concatenate([[0], np.cumsum(np.bincount(user, minlength=len(user_ids)))]).astype(np.int64),
        catalogue=rows.loc[item_ids, list(CATALOGUE_COLUMNS)].reset_index(drop=True),
        user_ids=user_ids.astype(np.int64),
        simulated=simulated,
        licence=licence,
    )


def _dense(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sorted distinct ids, and each id's index among them."""
    low, span = int(ids.min()), int(ids.max()) - int(ids.min()) + 1
    if span > 2 * len(ids) + 1_000_000:
        return np.unique(ids, return_inverse=True)
    at = ids.astype(np.int64) - low  # a table of the range is several times faster than sorting
    present = np.zeros(span, dtype=bool)
    present[at] = True
    return np.flatnonzero(present) + low, (np.cumsum(present, dtype=np.int32) - 1)[at]


def _by_user_and_time(user: np.ndarray, timestamp: np.ndarray) -> np.ndarray:
    """The order by user, then time, then place in the file."""
    low, span = int(timestamp.min()), int(timestamp.max()) - int(timestamp.min()) + 1
    if (int(user.max()) + 1) * span >= 1 << 63:
        return np.lexsort((timestamp, user))
    return np.argsort(user.astype(np.int64) * span + (timestamp - low), kind="stable")  # one key sorts faster


@dataclass(frozen=True, eq=False)
class Split:
    """Leave-last-out: every user's row ends with the validation target, then the test target.

    The test target is the user's most recent interaction, the validation target the most recent
    of what is left. Among interactions tied at that time `ties="first"` takes the first in file
    order (the seed chapter's rule), `"last"` the last. A user with fewer than three interactions
    is trained on and never evaluated.

    Attributes:
        item, timestamp: int64 (n,), the data set's, with the targets moved to each row's end.
        evaluated: int64, the users that have targets.
    """

    dataset: Dataset
    ties: str
    item: np.ndarray
    timestamp: np.ndarray
    evaluated: np.ndarray

    def end(self, stage: str) -> np.ndarray:
        """int64 (n_users,): where each user's visible history ends at a stage (exclusive).

        For an evaluated user this is also the position of the stage's target.
        """
        end = self.dataset.offset[1:].copy()
        end[self.evaluated] -= len(STAGES) - STAGES.index(stage)
        return end

    def target(self, stage: str) -> np.ndarray:
        """int64 (n_evaluated,): the held-out items of a stage."""
        return self.item[self.end(stage)[self.evaluated]]

    def history(self, user: int, stage: str = "test") -> np.ndarray:
        """int64: a user's items before the stage's target, oldest first."""
        return self.item[self.dataset.offset[user] : self.end(stage)[user]]


def split(dataset: Dataset, ties: str = "first") -> Split:
    """Hold out every user's last two interactions; see `Split` for the rule on ties."""
    if ties not in TIES:
        raise ValueError(f"ties is {ties!r}; choose one of {', '.join(TIES)}")
    evaluated = np.flatnonzero(np.diff(dataset.offset) > len(STAGES))
    if not len(evaluated):
        raise ValueError(f"no user of {dataset.name} has three interactions, so nothing can be held out")
    order = np.arange(len(dataset))
    for stage in reversed(STAGES):
        _move_target(order, dataset, evaluated, ties, held=len(STAGES) - 1 - STAGES.index(stage))
    return Split(dataset, ties, dataset.item[order], dataset.timestamp[order], evaluated)


def _move_target(order: np.ndarray, dataset: Dataset, users: np.ndarray, ties: str, held: int) -> None:
    """Move each user's target to the end of what is left once `held` targets are there already."""
    last = dataset.offset[users + 1] - 1 - held
    if ties == "last":
        return  # the rows end with it already
    time = dataset.timestamp[order]
    run = np.concatenate([[True], time[1:] != time[:-1]])
    run[dataset.offset[:-1][np.diff(dataset.offset) > 0]] = True
    first = np.maximum.accumulate(np.where(run, np.arange(len(order)), 0))[last]
    shift = np.zeros(len(order), dtype=np.int8)  # what lies between moves up by one
    np.add.at(shift, first, 1)
    np.add.at(shift, last, -1)
    source = np.arange(len(order)) + np.cumsum(shift, dtype=np.int8)
    source[last] = first
    order[:] = order[source]


class Histories:
    """A split's interactions on a device: windows, targets, tie shuffles and unseen items.

    Args:
        split: what to hold. stage: the targets that stay hidden; "validation" trains on train
            alone, "test" on train + validation.
        device: where the tensors live.
        hide_test: also treat each test target as seen (the seed chapter's negative rule).
    """

    def __init__(self, split: Split, stage: str, device: torch.device | str = "cpu", hide_test: bool = False):
        dataset = split.dataset
        self.stage, self.n_items, self.padding = stage, dataset.n_items, dataset.padding
        self.device = torch.device(device)
        end = split.end(stage)
        self.item = self._tensor(split.item, torch.int32)  # (n,)
        self.user = self._tensor(dataset.user_of_interaction(), torch.int32)  # (n,)
        self.start = self._tensor(dataset.offset[:-1])  # (n_users,)
        self.end = self._tensor(end)  # (n_users,)
        self._run = self._tensor(_tie_runs(split, end), torch.int32)  # (n,)
        self._split, self._hide_test = split, hide_test

    def _tensor(self, array: np.ndarray, dtype: torch.dtype = torch.int64) -> Tensor:
        return torch.as_tensor(array).to(device=self.device, dtype=dtype)

    @cached_property
    def _unseen(self) -> tuple[Tensor, Tensor]:
        """Sorted keys, and their offsets a user, that put any unseen item one binary search away.

        With a user's seen items s_0 < s_1 < ..., s_j - j unseen items lie below s_j, so the r-th
        unseen item is r + (number of j with s_j - j <= r).
        """
        split, dataset = self._split, self._split.dataset
        seen = np.arange(len(dataset)) < split.end(self.stage)[dataset.user_of_interaction()]
        if self._hide_test:
            seen[split.end("test")[split.evaluated]] = True
        keys = np.sort(dataset.user_of_interaction()[seen] * self.n_items + split.item[seen], kind="stable")
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]  # many times faster than np.unique
        users, items = keys // self.n_items, keys % self.n_items
        offset = np.searchsorted(users, np.arange(dataset.n_users + 1))
        full = np.flatnonzero(np.diff(offset) >= self.n_items)
        if len(full):
            user = dataset.user_ids[full[0]]
            raise ValueError(f"user {user} of {dataset.name} has seen every item, so no negative is left")
        below = items - (np.arange(len(keys)) - offset[users])
        return self._tensor(users * (self.n_items + 1) + below), self._tensor(offset)

    @property
    def fits_dense(self) -> bool:
        """Whether a users x items table is small enough to hold."""
        return len(self.start) * self.n_items <= DENSE_CELLS

    @cached_property
    def seen(self) -> Tensor:
        """bool (n_users, n_items): what each user has watched of what is not hidden; ask `fits_dense` first."""
        at = torch.arange(len(self.item), device=self.device)
        visible = at < self.end[self.user.long()]
        table = torch.zeros(len(self.start), self.n_items, dtype=torch.bool, device=self.device)
        table[self.user[visible].long(), self.item[visible].long()] = True
        return table

    def n_unseen(self, users: Tensor) -> Tensor:
        """int64 (B, 1): how many items each user has not seen."""
        offset = self._unseen[1]
        return self.n_items - (offset[users + 1] - offset[users])[:, None]

    def positions(self, min_history: int) -> Tensor:
        """int64: every trainable position with at least `min_history` items before it."""
        at = torch.arange(len(self.item), device=self.device)
        user = self.user.long()
        return at[(at >= self.start[user] + min_history) & (at < self.end[user])]

    def windows(self, positions: Tensor, L: int, item: Tensor | None = None) -> Tensor:
        """int64 (B, L): the L items before each position, oldest first, padded on the left.

        Args:
            positions: int64 (B,). item: a tie-shuffled stand-in for `self.item`.
        """
        at = positions[:, None] + torch.arange(-L, 0, device=self.device)  # (B, L)
        inside = at >= self.start[self.user[positions].long()][:, None]  # (B, L)
        found = (self.item if item is None else item)[at.clamp_(min=0)].long()  # (B, L)
        return torch.where(inside, found, self.padding)

    def targets(self, positions: Tensor, T: int, item: Tensor | None = None) -> Tensor:
        """int64 (B, T): the item at each position and the T - 1 after it, padded past the hidden ones."""
        at = positions[:, None] + torch.arange(T, device=self.device)  # (B, T)
        inside = at < self.end[self.user[positions].long()][:, None]  # (B, T)
        found = (self.item if item is None else item)[at.clamp_(max=len(self.item) - 1)].long()  # (B, T)
        return torch.where(inside, found, self.padding)

    def shuffle_ties(self, generator: torch.Generator) -> Tensor:
        """int32 (n,): the items, reordered at random within each run of one user and timestamp.

        Hidden targets stay where they are.
        """
        key = torch.rand(len(self.item), generator=generator, device=self.device, dtype=torch.float64)
        return self.item[key.add_(self._run).argsort()]

    def sample_unseen(self, users: Tensor, n: int, generator: torch.Generator) -> Tensor:
        """int64 (B, n): items drawn uniformly from those each user has not seen.

        Exact in one draw, with no rejection and no wait for the host; see `_unseen`.
        """
        keys, offset = self._unseen
        first = offset[users][:, None]  # (B, 1)
        unseen = self.n_unseen(users)  # (B, 1)
        u = torch.rand(len(users), n, generator=generator, device=self.device, dtype=torch.float64)  # (B, n)
        rank = (u * unseen).long()  # (B, n)
        key = users[:, None] * (self.n_items + 1) + rank
        return rank + torch.searchsorted(keys, key, right=True) - first

    def item_counts(self) -> Tensor:
        """int64 (n_items,): how often each item occurs in what is not hidden."""
        visible = torch.arange(len(self.item), device=self.device) < self.end[self.user.long()]
        return torch.bincount(self.item[visible].long(), minlength=self.n_items)


def _tie_runs(split: Split, end: np.ndarray) -> np.ndarray:
    """int64 (n,): a number for each run of positions that share user, timestamp and visibility."""
    users = split.dataset.user_of_interaction()
    at = np.arange(len(users))
    hidden = at >= end[users]
    new = hidden.copy()
    new[0] = True
    new[1:] |= (users[1:] != users[:-1]) | (split.timestamp[1:] != split.timestamp[:-1])
    return np.cumsum(new) - 1


def statistics(dataset: Dataset) -> dict[str, float | int]:
    """What to know of a data set at a glance, by the words to show it with."""
    lengths = np.diff(dataset.offset)
    user = dataset.user_of_interaction()
    tied = (np.diff(dataset.timestamp) == 0) & (np.diff(user) == 0)
    last = dataset.offset[1:] - 1
    return {
        "users": dataset.n_users,
        "films": dataset.n_items,
        "interactions": len(dataset),
        "density": round(len(dataset) / (dataset.n_users * dataset.n_items), 5),
        "shortest history": int(lengths.min()),
        "median history": float(np.median(lengths)),
        "longest history": int(lengths.max()),
        "users too short to evaluate": int((lengths <= len(STAGES)).sum()),
        "neighbours tied in time": round(float(tied.sum() / max((np.diff(user) == 0).sum(), 1)), 4),
        "users tied at their last time": round(float(tied[last[lengths > 1] - 1].mean()), 4),
    }
