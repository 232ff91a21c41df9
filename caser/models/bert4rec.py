"""BERT4Rec: says what was masked, from what came before and after it (Sun et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from caser.fields import Range, number
from caser.models.sequences import AttentionConfig, Positions, SequenceModel, encoder


@dataclass(frozen=True)
class BERT4RecConfig(AttentionConfig):
    """BERT4Rec in the paper's letters, but for its h, rho and N, which are heads, masked and L + 1 here."""

    name: ClassVar[str] = "bert4rec"

    masked: float = number(0.2, 0.01, 1.0, "share of a sequence's items masked while training (rho)")
    last_only: float = number(0.1, 0.0, 1.0, "share of training sequences in which only the last item is masked")


class BERT4Rec(SequenceModel):
    """query = a mask's place, behind the last item, after layers of attention in which every place sees all.

    Section 3; while training any item can be under the mask.
    """

    Config = BERT4RecConfig
    presets = {
        # MovieLens-1M's. The paper takes 256 sequences a step at a rate of 1e-4 that falls linearly, which needs
        # hundreds of thousands of steps; it decays weights by 0.01, and what a user has seen competes too.
        "paper": (
            BERT4RecConfig(L=200, layers=2, heads=2, dropout=0.1),
            {"lr": 1e-3, "batch_size": 32, "epochs": 200, "patience": 20, "shuffle_ties": False},
        ),
        # The best of 7 trials on ML-100K's validation. It learns little for some epochs, so it is given time.
        "tuned": (
            BERT4RecConfig(L=20, layers=2, heads=2, dropout=0.3, masked=0.4, last_only=0.2),
            {"lr": 2e-3, "batch_size": 32, "ema": 0.99, "epochs": 60, "patience": 15},
        ),
    }
    label = "BERT4Rec"
    summary = "fills the gap after the last films, read in both directions; does not know who is watching"

    search = SequenceModel.search | {
        "heads": (1, 2, 4),
        "masked": Range(0.15, 0.6),
        "last_only": Range(0.0, 0.6),
    }

    def __init__(self, config: BERT4RecConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items, special=1)
        self.mask = n_items + 1
        self.positions = Positions(config.L + 1, config.d)
        self.norm = nn.LayerNorm(config.d)
        self.network = encoder(config, width=4 * config.d, activation="gelu")
        self.head = nn.Sequential(nn.Linear(config.d, config.d), nn.GELU(), nn.LayerNorm(config.d))

    def examples(self, windows: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Windows with the item after them, some masked, and what is under each mask; T has no meaning here."""
        whole = torch.cat([windows, targets[:, :1]], 1)  # (B, L + 1)
        draws = torch.rand(len(whole), self.L + 2, generator=generator, device=whole.device)  # one more a sequence
        chosen = (draws[:, 1:] < self.config.masked) & (draws[:, :1] >= self.config.last_only)  # (B, L + 1)
        chosen &= whole < self.n_items
        chosen[:, -1] |= ~chosen.any(1)
        return whole.masked_fill(chosen, self.mask), whole.where(chosen, self.n_items)[:, :, None]

    def embed(self, sequences: Tensor) -> Tensor:
        return self.dropout(self.norm(self.positions(super().embed(sequences))))  # (B, L + 1, d)

    def queries(self, users: Tensor, sequences: Tensor) -> Tensor:
        """float (B, L + 1, d); there is always an item or a mask to attend to."""
        padding = sequences == self.n_items  # (B, L + 1)
        return self.head(self.network(self.embed(sequences), src_key_padding_mask=padding))

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        asked = torch.full_like(sequences[:, :1], self.mask)  # (B, 1)
        return super().query(users, torch.cat([sequences, asked], 1))  # (B, d)
