"""SASRec: self-attention over the items so far (Kang & McAuley 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from caser.models.sequences import AttentionConfig, NextItems, Positions, encoder


@dataclass(frozen=True)
class SASRecConfig(AttentionConfig):
    """SASRec in the paper's letters, but for its n, which is L here."""

    name: ClassVar[str] = "sasrec"


class SASRec(NextItems):
    """query = the last place after layers of attention, in which a place sees itself and those before it.

    An item enters as sqrt(d) E_i + P_k at the k-th place from the end, and the table E scores too (section 3).
    """

    Config = SASRecConfig
    presets = {
        # MovieLens-1M's. The paper normalises before each part of a layer instead of after it, drops weights of
        # attention too, and has Adam's second decay at 0.98.
        "paper": (
            SASRecConfig(d=50, L=200, layers=2, dropout=0.2),
            {
                "loss": "bce",
                "negatives": 1,
                "lr": 1e-3,
                "batch_size": 128,
                "epochs": 200,
                "patience": 20,
                "shuffle_ties": False,
            },
        ),
        # The best of 19 trials on ML-100K's validation.
        "tuned": (
            SASRecConfig(d=128, L=20, heads=2, dropout=0.33),
            {"lr": 2.8e-3, "batch_size": 64, "weight_decay": 6.1e-8, "ema": 0.99, "patience": 4},
        ),
    }
    label = "SASRec"
    search = NextItems.search | {"heads": (1, 2, 4)}
    summary = "weighs the last films by attention, in order; does not know who is watching"

    def __init__(self, config: SASRecConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.positions = Positions(config.L, config.d)
        self.network = encoder(config, width=config.d, activation="relu")

    def embed(self, sequences: Tensor) -> Tensor:
        return self.dropout(self.positions(super().embed(sequences) * self.config.d**0.5))  # (B, L, d)

    def read(self, E: Tensor) -> Tensor:
        later = nn.Transformer.generate_square_subsequent_mask(E.shape[1], device=E.device)  # (L, L)
        return self.network(E, later, is_causal=True)  # (B, L, d)
