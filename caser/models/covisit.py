"""Counting what is watched near what: the simple method that a sequence model has to beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from caser.fields import Range, number, switch
from caser.models.base import ModelConfig, Recommender

PAIRS = 1 << 22  # pairs of interactions compared at once, some 300 MB


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
        self.neighbours.fill_(self.n_items - 1)
        self.similarity.zero_()
        count = torch.bincount(items, minlength=self.n_items)
        self.popularity.copy_(count / count.max().clamp(min=1))
        norm = (count.clamp(min=1) + self.config.shrink) ** -self.config.power  # (n_items,)
        by_item = items.argsort(stable=True)
        for places in self._parts(items[by_item], by_item):
            self._keep(*self._near(users, items, places, norm), norm)

    def _parts(self, item: Tensor, places: Tensor) -> Iterator[Tensor]:
        """Places by item, of so many items at a time that their pairs fit; `item` is whose, ascending."""
        most, first = max(1, PAIRS // (2 * self.config.window)), 0
        while first < len(places):
            last = int(torch.searchsorted(item, item[min(first + most, len(item)) - 1]))  # where the last one begins
            if last <= first:  # that one alone does not fit
                last = int(torch.searchsorted(item, item[first], right=True))
            yield places[first:last]
            first = last

    def _near(self, users: Tensor, items: Tensor, places: Tensor, norm: Tensor) -> tuple[Tensor, Tensor]:
        """Keys i n_items + j, ascending, and c_ij norm_j of the items i at `places` and all j near one of them."""
        parts = [self._pairs(users, items, some) for some in places.split(max(1, PAIRS // (2 * self.config.window)))]
        keys, counts = _summed(*(torch.cat(column) for column in zip(*parts, strict=True)))
        return keys, counts.float() * norm[keys % self.n_items]

    def _pairs(self, users: Tensor, items: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """The same keys, and c_ij as far as `places`, int64 (m,), are concerned."""
        distance = torch.arange(1, self.config.window + 1, device=items.device)
        step = distance if self.config.directed else torch.cat([distance, -distance])  # (S,)
        weight = step.abs().double() ** -self.config.decay  # (S,)
        neighbours = places[:, None] + step  # (m, S)
        inside = (neighbours >= 0) & (neighbours < len(items))
        neighbours.clamp_(0, len(items) - 1)
        row, column = items[places][:, None], items[neighbours]  # (m, 1), (m, S)
        near = inside & (users[neighbours] == users[places][:, None]) & (column != row)
        return _summed((row * self.n_items + column)[near], weight.expand_as(near)[near])

    def _keep(self, keys: Tensor, near: Tensor, norm: Tensor) -> None:
        """Keep each item's most similar neighbours, ascending; empty places hold the last item with no weight."""
        order = near.argsort(descending=True, stable=True)
        order = order[(keys[order] // self.n_items).argsort(stable=True)]  # by item, the most similar first
        item = keys[order] // self.n_items
        begins = torch.searchsorted(item, item)
        order = order[torch.arange(len(item), device=item.device) - begins < self.neighbours.shape[1]]
        order = order.sort().values  # by item, then neighbour
        item, neighbour = keys[order] // self.n_items, keys[order] % self.n_items
        place = torch.arange(len(item), device=item.device) - torch.searchsorted(item, item)
        self.neighbours[item, place] = neighbour.to(self.neighbours.dtype)
        self.similarity[item, place] = (near[order] * norm[item]).half()


def _summed(keys: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """Each key once, ascending, and the sum of its counts."""
    once, place = keys.unique(return_inverse=True)
    return once, counts.new_zeros(len(once)).index_add_(0, place, counts)
