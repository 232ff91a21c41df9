"""ConvFormer: long depthwise convolutions in layers, where a Transformer has attention (Wang et al. 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from caser.fields import Range, number, switch
from caser.models import kernels
from caser.models.layers import Dropout, Table, UserEmbedding
from caser.models.sequences import NextItems, SequenceConfig

FADE = 0.7  # a curve begins as FADE^age


@dataclass(frozen=True)
class ConvFormerConfig(SequenceConfig):
    """ConvFormer's settings; K is the paper's length of a convolution."""

    name: ClassVar[str] = "convformer"

    d: int = number(64, 2, 1024, "dimensions of an embedding (d); one alone, normalised, would always be 0")
    layers: int = number(2, 1, 8, "layers, each reading the one below")
    K: int = number(20, 1, 512, "items that a curve of one layer covers (K); no more than L")
    shared: bool = switch(False, "one curve for all dimensions of a layer in place of one for each")
    gate: bool = switch(True, "every dimension of an item decides how far its curve's answer is let through")
    d_u: int = number(32, 0, 1024, "dimensions of a vector for the user; 0 leaves it out")
    user_dropout: float = number(0.3, 0.0, 0.95, "share of training users replaced by the anonymous visitor")


class ConvFormer(NextItems):
    """score of item i = [E_i ; F_i] . [z ; P_u] + b_i, where z is the last place after layers of causal convolutions.

    Each layer has a curve over the last K places for each dimension (arXiv 2308.02925, section 4: depthwise, long),
    here with a gate, then a feed-forward network; the user's vector P_u is Caser's.
    """

    Config = ConvFormerConfig
    presets = {
        # Beauty's in the authors' code, which has no gate and no user, adds positions, and widens the feed-forward
        # network fourfold.
        "paper": (
            ConvFormerConfig(d=64, K=45, gate=False, dropout=0.5, d_u=0, user_dropout=0.0),
            {
                "loss": "bce",
                "negatives": 1,
                "lr": 1e-3,
                "batch_size": 256,
                "epochs": 200,
                "patience": 10,
                "shuffle_ties": False,
            },
        ),
        # The best of 20 trials by hand on ML-100K's validation.
        "tuned": (
            ConvFormerConfig(d=128, layers=3, dropout=0.5),
            {
                "lr": 2.6e-3,
                "weight_decay": 0.5,
                "decoupled": True,
                "batch_size": 32,
                "ema": 0.99,
                "patience": 4,
                "backwards": 0.2,
            },
        ),
    }
    label = "ConvFormer"
    summary = "blends the last films with a curve for each dimension, in layers, and knows who is watching"
    search = NextItems.search | {
        "layers": (1, 2, 3, 4),
        "K": (8, 20),
        "d_u": (0, 32, 64, 128),
        "user_dropout": Range(0.1, 0.6),
        "weight_decay": Range(0.1, 1.0),
        "backwards": Range(0.0, 0.4),
    }

    def __init__(self, config: ConvFormerConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.network = nn.Sequential(*(Layer(config) for _ in range(config.layers)))
        if config.d_u:
            self.user_dimensions = config.d_u
            self.users = UserEmbedding(n_users, config.d_u)
            self.liked = Table(n_items, config.d_u)
            for table in (self.users, self.liked):
                nn.init.normal_(table.weight, std=config.d_u**-0.5)

    def curve_weights(self) -> list[Tensor]:
        return [layer.curves for layer in self.network]

    def openings(self, sequences: Tensor) -> list[Tensor]:
        x, opened = self.embed(sequences), []
        for layer in self.network if self.config.gate else ():
            opened.append(layer.opening(x))  # (B, L', d)
            x = layer(x)
        return opened

    def embed(self, sequences: Tensor) -> Tensor:
        return self.dropout(super().embed(sequences))

    def read(self, E: Tensor) -> Tensor:
        return self.network(E)  # (B, L, d)

    def queries(self, users: Tensor, sequences: Tensor) -> Tensor:
        places = super().queries(users, sequences)  # (B, L, d)
        if not self.user_dimensions:
            return places
        user = self.users(users)[:, None].expand(-1, places.shape[1], -1)  # (B, L, d_u)
        return torch.cat([places, user], 2)

    def item_table(self) -> tuple[Tensor, Tensor]:
        weight, bias = super().item_table()
        return (torch.cat([weight, self.liked.weight], 1) if self.user_dimensions else weight), bias

    def item_rows(self, items: Tensor) -> tuple[Tensor, Tensor]:
        weight, bias = super().item_rows(items)
        return (torch.cat([weight, self.liked(items)], -1) if self.user_dimensions else weight), bias


class Layer(nn.Module):
    """x + curves(x) * sigmoid(gate(x)), then x + a feed-forward network of it, each followed by LayerNorm.

    Attributes:
        curves: float (d, K), each dimension's weights by age, 0 the item itself; (1, K) if they are shared.
    """

    def __init__(self, config: ConvFormerConfig):
        super().__init__()
        d, K = config.d, min(config.K, config.L)
        self.curves = nn.Parameter(torch.empty(1 if config.shared else d, K))
        for age in range(K):
            nn.init.constant_(self.curves[:, age], FADE**age)
        self.bias = nn.Parameter(torch.zeros(d))
        if config.gate:
            self.gate = nn.Linear(d, d)
        self.feed_forward = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, d))
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """float (B, L, d) -> (B, L, d)."""
        blended = kernels.causal(x, self.curves.expand(x.shape[2], -1)) + self.bias
        if hasattr(self, "gate"):
            blended = blended * self.opening(x)
        x = self.norms[0](x + self.dropout(blended))
        return self.norms[1](x + self.dropout(self.feed_forward(x)))

    def opening(self, x: Tensor) -> Tensor:
        """How far the gate lets each value of a blend through, 0 to 1: float (B, L, d) -> (B, L, d)."""
        return self.gate(x).sigmoid()
