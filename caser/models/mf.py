"""Plain matrix factorisation: it knows who you are and nothing of what you just watched."""

from __future__ import annotations

from torch import Tensor, nn

from caser.config import MFConfig
from caser.models.base import Dropout, Recommender, UserEmbedding, initialise


class MF(Recommender):
    """score of item i for user u = P_u . Q_i + b_i (Koren et al. 2009, without the user bias,
    which shifts all of a user's scores alike and so never changes a ranking)."""

    def __init__(self, config: MFConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.users = UserEmbedding(n_users, config.d)
        self.items = nn.Embedding(n_items, config.d)
        self.item_bias = nn.Parameter(self.items.weight.new_zeros(n_items))
        self.dropout = Dropout(config.dropout)
        initialise(self, config.init_std)

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        return self.dropout(self.users(users))  # (B, d)

    def item_table(self) -> tuple[Tensor, Tensor]:
        return self.items.weight, self.item_bias
