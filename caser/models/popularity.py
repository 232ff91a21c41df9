"""The floor every model must beat: what is watched most."""

from __future__ import annotations

import torch
from torch import Tensor

from caser.models.base import Recommender


class Popularity(Recommender):
    """score = log(1 + how often the item was watched), the same for everybody."""

    def __init__(self, config, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.register_buffer("log_count", torch.zeros(n_items))

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        return self.log_count.new_ones(len(users), 1)  # (B, 1)

    def item_table(self) -> tuple[Tensor, Tensor]:
        return self.log_count[:, None], torch.zeros_like(self.log_count)  # (n_items, 1), (n_items,)

    def observe(self, item_counts: Tensor) -> None:
        self.log_count.copy_(item_counts.log1p())
