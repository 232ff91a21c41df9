"""A split's interactions on a device: windows by index gather, targets, and items drawn from the unseen.

Nothing is stored for a window: a training position p in the flat array has the history
`item[p - L : p]`, cut at the user's start and padded on the left.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from caser.data.checks import at_least
from caser.data.dataset import Split, tied_with_previous


class Histories:
    """A split's interactions on a device: windows, targets, tie shuffles and unseen items.

    Args:
        split: what to hold. stage: the targets that stay hidden; "validation" trains on train
            alone, "test" on train + validation.
        device: where the tensors live.
        hide_test: also treat each test target as seen (the source chapter's negative rule).

    The sizes that its methods are given are checked: ValueError names one that is too small. The ids and positions,
    which live on the device, are not, since that would wait for it.

    Raises:
        ValueError: an unknown stage.
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
    def _seen_items(self) -> tuple[Tensor, Tensor]:
        """Each user's seen items, int32 and ascending, one user after the other, and where each user's begin."""
        split, dataset = self._split, self._split.dataset
        seen = np.arange(len(dataset)) < split.end(self.stage)[dataset.user_of_interaction()]
        if self._hide_test:
            seen[split.end("test")[split.evaluated]] = True
        keys = np.sort(dataset.user_of_interaction()[seen] * self.n_items + split.item[seen], kind="stable")
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]  # many times faster than np.unique
        offset = np.searchsorted(keys, np.arange(dataset.n_users + 1) * self.n_items)
        return self._tensor(keys % self.n_items, torch.int32), self._tensor(offset)

    @cached_property
    def _unseen(self) -> Tensor:
        """Sorted keys, which put any unseen item one binary search away.

        With a user's seen items s_0 < s_1 < ..., s_j - j unseen items lie below s_j, so the r-th
        unseen item is r + (number of j with s_j - j <= r).
        """
        items, offset = self._seen_items
        counts = offset.diff()
        full = (counts >= self.n_items).nonzero()
        if len(full):
            user = self._split.dataset.user_name(int(full[0]))
            raise ValueError(f"user {user} of {self._split.dataset.name} has seen every item, so no negative is left")
        users = torch.arange(len(counts), device=self.device).repeat_interleave(counts)
        below = items - (torch.arange(len(items), device=self.device) - offset[users])
        return users * (self.n_items + 1) + below

    def seen(self, users: Tensor) -> tuple[Tensor, Tensor]:
        """int64 (m,), (m,): rows and items of all that each of `users`, int64 (B,), has seen of what is not hidden."""
        items, offset = self._seen_items
        first, counts = offset[users], (offset[users + 1] - offset[users])  # (B,), (B,)
        row = torch.arange(len(users), device=self.device).repeat_interleave(counts)  # (m,)
        place = torch.arange(len(row), device=self.device) + (first - counts.cumsum(0) + counts).index_select(0, row)
        return row, items.index_select(0, place).long()

    def n_unseen(self, users: Tensor) -> Tensor:
        """int64 (B, 1): how many items each user has not seen."""
        offset = self._seen_items[1]
        return self.n_items - (offset[users + 1] - offset[users])[:, None]

    def positions(self, min_history: int) -> Tensor:
        """int64: every trainable position with at least `min_history` items before it."""
        at_least(0, min_history=min_history)
        position = torch.arange(len(self.item), device=self.device)
        user = self.user.long()
        return position[(position >= self.start[user] + min_history) & (position < self.end[user])]

    def sequence_ends(self, L: int, generator: torch.Generator | None = None) -> Tensor:
        """int64: the positions whose windows of L items together leave no item of the visible histories out.

        Every user's history is cut every L items from its end, so only the oldest window may be short and no
        two share an item. With a generator the cuts begin up to L - 1 items before the end, drawn for every
        user, and one more window ends at the end, which reads again some of what the one before it reads.
        """
        at_least(1, L=L)
        position = torch.arange(len(self.item), device=self.device)
        user = self.user.long()
        before_end = self.end[user] - 1 - position
        cut = before_end % L == 0
        if generator is not None:
            first = torch.randint(L, (len(self.start),), generator=generator, device=self.device)  # (n_users,)
            cut = (before_end == 0) | (before_end % L == first[user])
        return position[(position > self.start[user]) & (before_end >= 0) & cut]

    def windows(self, positions: Tensor, L: int, item: Tensor | None = None) -> Tensor:
        """int64 (B, L): the L items before each position, oldest first, padded on the left.

        Args:
            positions: int64 (B,). item: a tie-shuffled stand-in for `self.item`.
        """
        at_least(0, L=L)
        position = positions[:, None] + torch.arange(-L, 0, device=self.device)  # (B, L)
        inside = position >= self.start[self.user[positions].long()][:, None]  # (B, L)
        items = (self.item if item is None else item)[position.clamp_(min=0)].long()  # (B, L)
        return torch.where(inside, items, self.padding)

    def targets(self, positions: Tensor, T: int, item: Tensor | None = None) -> Tensor:
        """int64 (B, T): the item at each position and the T - 1 after it, padded past the hidden ones."""
        at_least(1, T=T)
        position = positions[:, None] + torch.arange(T, device=self.device)  # (B, T)
        inside = position < self.end[self.user[positions].long()][:, None]  # (B, T)
        items = (self.item if item is None else item)[position.clamp_(max=len(self.item) - 1)].long()  # (B, T)
        return torch.where(inside, items, self.padding)

    def shuffle_ties(self, generator: torch.Generator) -> Tensor:
        """int32 (n,): the items, reordered at random within each run of one user and timestamp.

        Hidden targets stay where they are.
        """
        key = torch.rand(len(self.item), generator=generator, device=self.device, dtype=torch.float64)
        return self.item[key.add_(self._run).argsort()]

    def turn_around(self, item: Tensor, share: float, generator: torch.Generator) -> Tensor:
        """int32 (n,): the items, the visible history of some users, each drawn with probability `share`, back to front.

        Hidden targets stay where they are.

        Args:
            item: int32 (n,), `self.item` or a tie-shuffled stand-in for it.
        """
        turned = torch.rand(len(self.start), generator=generator, device=self.device) < share  # (n_users,)
        user, position = self.user.long(), torch.arange(len(item), device=self.device)
        moves = turned[user] & (position < self.end[user])  # (n,)
        return item[torch.where(moves, self.start[user] + self.end[user] - 1 - position, position)]

    def sample_unseen(self, users: Tensor, n: int, generator: torch.Generator) -> Tensor:
        """int64 (B, n): items drawn uniformly from those each user has not seen.

        Exact in one draw, with no rejection and no wait for the host; see `_unseen`.

        Raises:
            ValueError: somebody has seen every item.
        """
        at_least(0, n=n)
        keys, (_, offset) = self._unseen, self._seen_items
        first = offset[users][:, None]  # (B, 1)
        unseen = self.n_unseen(users)  # (B, 1)
        u = torch.rand(len(users), n, generator=generator, device=self.device, dtype=torch.float64)  # (B, n)
        rank = (u * unseen).long()  # (B, n)
        key = users[:, None] * (self.n_items + 1) + rank
        return rank + torch.searchsorted(keys, key, right=True) - first

    def visible(self) -> tuple[Tensor, Tensor]:
        """int64 (m,), (m,): user and item of what is not hidden, by user, then time."""
        user = self.user.long()
        there = torch.arange(len(self.item), device=self.device) < self.end[user]
        return user[there], self.item[there].long()


def _tie_runs(split: Split, end: np.ndarray) -> np.ndarray:
    """int64 (n,): a number for each run of positions that share user, timestamp and visibility."""
    users = split.dataset.user_of_interaction()
    hidden = np.arange(len(users)) >= end[users]
    return np.cumsum(hidden | ~tied_with_previous(users, split.instant)) - 1
