"""Models of other kinds than ours, made to show that the contract holds them without a change elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from caser.fields import number
from caser.models.base import DotProduct, ModelConfig, Recommender
from caser.models.layers import UserEmbedding


@dataclass(frozen=True)
class NeuralConfig(ModelConfig):
    """Settings of `Neural`."""

    name: ClassVar[str] = "neural"
    d: int = number(8, 1, 64, "dimensions of an embedding (d)")
    user_dropout: float = number(0.2, 0.0, 0.95, "share of training users replaced by the anonymous visitor")


class Neural(Recommender):
    """A network over a user and one item, so that no score is a dot product."""

    Config, label, summary = NeuralConfig, "Neural", "knows who is watching"
    presets = {"tuned": (NeuralConfig(), {})}
    knows_user = True

    def __init__(self, config: NeuralConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.users, self.items = UserEmbedding(n_users, config.d), nn.Embedding(n_items, config.d)
        self.network = nn.Sequential(nn.Linear(2 * config.d, 16), nn.ReLU(), nn.Linear(16, 1))

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        items = torch.arange(self.n_items).expand(len(users), -1) if items is None else items  # (B, n)
        who = self.users(users)[:, None].expand(-1, items.shape[1], -1)  # (B, n, d)
        return self.network(torch.cat([who, self.items(items)], 2))[:, :, 0]  # (B, n)


@dataclass(frozen=True)
class SequenceConfig(ModelConfig):
    """Settings of `Recurrent` and `Masked`."""

    name: ClassVar[str] = "sequence"
    d: int = number(16, 1, 64, "dimensions of an embedding (d)")
    L: int = number(6, 1, 20, "recent items read (L)")


class Recurrent(DotProduct):
    """A GRU that learns what follows every item of a sequence in one pass."""

    Config, label, summary = SequenceConfig, "Recurrent", "reads the last films in order"
    presets = {"tuned": (SequenceConfig(), {})}
    every_position = True

    def __init__(self, config: SequenceConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.L = config.L
        self.items = nn.Embedding(n_items + 2, config.d, padding_idx=n_items)  # the last row is for what is masked
        self.network = nn.GRU(config.d, config.d, batch_first=True)

    def examples(self, windows: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        following = torch.cat([windows[:, 1:], targets[:, :1]], 1)  # (B, L)
        return windows, following.where(windows < self.n_items, self.n_items)[:, :, None]

    def queries(self, users: Tensor, sequences: Tensor) -> Tensor:
        return self.network(self.items(sequences))[0]  # (B, L, d)

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        return self.queries(users, sequences)[:, -1]  # (B, d)

    def item_table(self) -> tuple[Tensor, Tensor]:
        return self.items.weight[: self.n_items], self.items.weight.new_zeros(self.n_items)


class Masked(Recurrent):
    """The same network over both directions, which learns to say what was masked."""

    label = "Masked"

    def __init__(self, config: SequenceConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.network = nn.GRU(config.d, config.d // 2, batch_first=True, bidirectional=True)

    def examples(self, windows: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        whole = torch.cat([windows, targets[:, :1]], 1)[:, 1:]  # (B, L)
        masked = torch.rand(whole.shape, generator=generator, device=whole.device) < 0.3  # (B, L)
        masked[:, -1] = True
        masked &= whole < self.n_items
        return whole.masked_fill(masked, self.n_items + 1), whole.where(masked, self.n_items)[:, :, None]

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        asked = torch.full_like(sequences[:, :1], self.n_items + 1)  # (B, 1)
        return self.queries(users, torch.cat([sequences[:, 1:], asked], 1))[:, -1]  # (B, d)
