"""The floor every model must beat: what is watched most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from caser.models.base import DotProduct, ModelConfig


@dataclass(frozen=True)
class PopularityConfig(ModelConfig):
    """Popularity has nothing to choose."""

    name: ClassVar[str] = "popularity"


class Popularity(DotProduct):
    """score = log(1 + how often the item was watched), the same for everybody."""

    Config = PopularityConfig
    presets = {"tuned": (PopularityConfig(), {"epochs": 1, "patience": 0})}
    label = "Popularity"
    summary = "lists what is watched most, the same for everybody"

    def __init__(self, config: PopularityConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.register_buffer("log_count", torch.zeros(n_items))

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        return self.log_count.new_empty(len(users), 0)  # (B, 0): nothing but the bias

    def item_table(self) -> tuple[Tensor, Tensor]:
        return self.log_count.new_empty(self.n_items, 0), self.log_count

    def observe(self, users: Tensor, items: Tensor) -> None:
        self.log_count.copy_(torch.bincount(items, minlength=self.n_items).log1p())
