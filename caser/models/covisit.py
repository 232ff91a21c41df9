"""Counting what is watched near what: the simple method that a sequence model has to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from caser.fields import Range, number, switch
from caser.models.base import ModelConfig, Recommender

CELLS = 1 << 24  # of the items x items table, held at once while counting: 64 MiB
PAIRS = 1 << 20  # pairs of interactions compared at once


@dataclass(frozen=True)
class CovisitConfig(ModelConfig):
    """What counts as near, how popularity is taken out, and how much of the history is read."""

    name: ClassVar[str] = "covisit"

    L: int = number(20, 1, 200, "recent items read: the window (L)")
    window: int = number(20, 1, 200, "how many places apart two items may be to be counted")
    directed: bool = switch(False, "count only what comes after an item, not what comes before")
    decay: float = number(0.7, 0.0, 10.0, "a pair n places apart counts 1 / n^decay")
    power: float = number(0.5, 0.0, 2.0, "power of both items' popularity that a count is divided by")
    shrink: float = number(5.0, 0.0, 1e6, "added to every popularity before dividing, against chance pairs")
    fade: float = number(0.75, 0.0, 1.0, "weight of a recent item relative to the one after it")
    popular: float = number(0.01, 0.0, 10.0, "what the most popular item's score gains, others in proportion")
    kept: int = number(200, 1, 2000, "neighbours kept for each item")


class Covisit(Recommender):
    """score of item j = sum over the recent items i of fade^age_i s_ij + popular n_j / max n, with
    s_ij = c_ij / ((n_i + shrink)(n_j + shrink))^power.

    c_ij counts how often j was watched within `window` places of i (directed: after it), a pair n places
    apart 1 / n^decay times; n_i is how often i was watched; the newest item has age 0. Of an item's
    neighbours the `kept` most similar stay, so that the model grows with the catalogue and not with its square.
    Co-visitation is as old as Linden et al. (2003); the weights are those of the sequential rules of
    Ludewig & Jannach (2018).
    """

    Config = CovisitConfig
    presets = {
        "tuned": (
            CovisitConfig(L=22, window=6, decay=0.44, power=0.49, shrink=5.4, fade=0.77, popular=0.026),
            {"epochs": 1, "patience": 0},
        ),
    }
    label = "Covisit"
    summary = "counts what is watched near what, and reads the last films"
    search = {
        "L": Range(5, 50),
        "window": Range(3, 60, log=True),
        "directed": (False, True),
        "decay": Range(0.0, 2.0),
        "power": Range(0.2, 0.9),
        "shrink": Range(0.5, 100.0, log=True),
        "fade": Range(0.5, 1.0),
        "popular": Range(1e-4, 0.1, log=True),
    }

    def __init__(self, config: CovisitConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.L = config.L
        shape = n_items, min(config.kept, n_items)
        narrow = torch.int16 if n_items <= torch.iinfo(torch.int16).max else torch.int32
        self.register_buffer("neighbours", torch.zeros(shape, dtype=narrow))  # of each item, ascending
        self.register_buffer("similarity", torch.zeros(shape, dtype=torch.float16))
        self.register_buffer("popularity", torch.zeros(n_items))  # the most popular item's is 1

    @property
    def reads_order(self) -> bool:
        return self.L > 1 and self.config.fade < 1

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        base = self.config.popular * self.popularity  # (n_items,)
        if items is None:
            total = base.repeat(len(sequences), 1)  # (B, n_items)
            for neighbours, similarity in self._read(sequences):
                total.scatter_add_(1, neighbours.long(), similarity)
            return total
        total = base[items]  # (B, n)
        for neighbours, similarity in self._read(sequences):
            at = torch.searchsorted(neighbours, items.to(neighbours.dtype)).clamp_(
                max=neighbours.shape[1] - 1
            )  # (B, n)
            total += similarity.gather(1, at) * (neighbours.gather(1, at) == items)
        return total

    def _read(self, sequences: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """The neighbours of each row's item and their weights, (B, K) each, the newest items first."""
        for age, item in enumerate(self.fit_window(sequences).T.flip(0)):  # (B,)
            real = item < self.n_items
            row = item.where(real, 0)
            weight = real * self.config.fade**age  # (B,)
            yield self.neighbours[row], self.similarity[row].float() * weight[:, None]

    def observe(self, users: Tensor, items: Tensor) -> None:
        count = torch.bincount(items, minlength=self.n_items)
        self.popularity.copy_(count / count.max().clamp(min=1))
        norm = (count.clamp(min=1) + self.config.shrink) ** -self.config.power  # (n_items,)
        by_item, edge = items.argsort(stable=True), [0, *count.cumsum(0).tolist()]
        rows = max(1, CELLS // self.n_items)
        table = norm.new_empty(min(rows, self.n_items), self.n_items)
        for first in range(0, self.n_items, rows):
            last = min(first + rows, self.n_items)
            near = self._count(users, items, by_item[edge[first] : edge[last]], norm, first, table[: last - first])
            best = near.topk(self.neighbours.shape[1])  # (rows, K)
            neighbours, order = best.indices.sort(1)
            self.neighbours[first:last] = neighbours.to(self.neighbours.dtype)
            self.similarity[first:last] = best.values.gather(1, order) * norm[first:last, None]

    def _count(self, users: Tensor, items: Tensor, places: Tensor, norm: Tensor, first: int, into: Tensor) -> Tensor:
        """`into`, float (rows, n_items): c_ij * norm_j of the items i from `first` on, which were watched at `at`."""
        distance = torch.arange(1, self.config.window + 1, device=items.device)
        step = distance if self.config.directed else torch.cat([distance, -distance])  # (S,)
        weight = step.abs().float() ** -self.config.decay  # (S,)
        flat = into.zero_().view(-1)  # (rows * n_items,)
        for here in places.split(max(1, PAIRS // len(step))):  # (m,)
            neighbours = here[:, None] + step  # (m, S)
            inside = (neighbours >= 0) & (neighbours < len(items))
            neighbours.clamp_(0, len(items) - 1)
            row, column = items[here][:, None], items[neighbours]  # (m, 1), (m, S)
            near = inside & (users[neighbours] == users[here][:, None]) & (column != row)
            counted = near * weight * norm[column]  # (m, S)
            flat.index_add_(0, ((row - first) * self.n_items + column).flatten(), counted.flatten())
        return into
