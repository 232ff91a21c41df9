"""GRU4Rec: a recurrent network reads one item after another (Hidasi et al. 2016)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from caser.models.sequences import NextItems, SequenceConfig


@dataclass(frozen=True)
class GRU4RecConfig(SequenceConfig):
    """GRU4Rec: d is also how many units a layer has."""

    name: ClassVar[str] = "gru4rec"


class GRU4Rec(NextItems):
    """query = the state of a GRU after the last item, which starts at zero before the first.

    Items read and scored share a table, as in the authors' later version (Hidasi & Karatzoglou 2018).
    """

    Config = GRU4RecConfig
    presets = {
        # The paper has no shared table, drops nothing on the way in, takes the other sequences of a batch as
        # negatives, and uses Adagrad, whose rate (0.05) does not carry over to Adam.
        "paper": (
            GRU4RecConfig(d=100, L=100, dropout=0.2),
            {"loss": "bpr", "negatives": 49, "lr": 1e-3, "batch_size": 50, "shuffle_ties": False},
        ),
        # The best of 22 trials on ML-100K's validation.
        "tuned": (
            GRU4RecConfig(d=128, dropout=0.44),
            {"lr": 2.6e-3, "batch_size": 32, "weight_decay": 5.4e-8, "ema": 0.99, "patience": 4},
        ),
    }
    label = "GRU4Rec"
    summary = "reads the last films one after another; does not know who is watching"

    def __init__(self, config: GRU4RecConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        between = config.dropout if config.layers > 1 else 0.0
        self.network = nn.GRU(config.d, config.d, config.layers, batch_first=True, dropout=between)

    def read(self, E: Tensor) -> Tensor:
        return self.dropout(self.network(self.dropout(E))[0])  # (B, L, d)
