"""Plain matrix factorisation: it knows who you are and nothing of what you just watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from caser.fields import Range, number
from caser.models.base import CHAPTER_TRAINING, DotProduct, ModelConfig
from caser.models.layers import Dropout, Table, UserEmbedding, initialise, value_of


@dataclass(frozen=True)
class MFConfig(ModelConfig):
    """Plain matrix factorisation: score = P_u . Q_i + b_i."""

    name: ClassVar[str] = "mf"

    d: int = number(64, 1, 1024, "dimensions of an embedding (d)")
    dropout: float = number(0.0, 0.0, 0.95, "share of the user vector dropped while training")
    user_dropout: float = number(0.1, 0.0, 0.95, "share of training users replaced by the anonymous visitor")
    init_std: float = number(0.0, 0.0, 1.0, "standard deviation of every initial weight; 0 scales by fan-in")


class MF(DotProduct):
    """score of item i for user u = P_u . Q_i + b_i (Koren et al. 2009, without the user bias,
    which shifts all of a user's scores alike and so never changes a ranking)."""

    Config = MFConfig
    presets = {
        "chapter": (MFConfig(d=10, user_dropout=0.0, init_std=0.01), CHAPTER_TRAINING),
        "tuned": (
            MFConfig(d=128),
            {"loss": "bpr", "negatives": 1, "lr": 2e-3, "weight_decay": 1e-5, "epochs": 80},
        ),
    }
    label = "MF"
    summary = "knows your taste, but not what you watched last"
    search = {"d": (32, 64, 128, 256), "dropout": Range(0.0, 0.7), "user_dropout": Range(0.0, 0.5)}

    def __init__(self, config: MFConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.users = UserEmbedding(n_users, config.d)
        self.items = Table(n_items, config.d)
        self.item_bias = nn.Parameter(self.items.weight.new_zeros(n_items))
        self.dropout = Dropout(config.dropout)
        self.user_dimensions = config.d
        initialise(self, config.init_std)

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        return self.dropout(self.users(users))  # (B, d)

    def item_table(self) -> tuple[Tensor, Tensor]:
        return self.items.weight, self.item_bias

    def item_rows(self, items: Tensor) -> tuple[Tensor, Tensor]:
        return self.items(items), value_of(self.item_bias, items)
