"""NeuMF: matrix factorisation and a network over user and item, side by side (He et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from caser.fields import Range, number
from caser.models import kernels
from caser.models.base import ModelConfig, Recommender
from caser.models.layers import Dropout, Table, UserEmbedding, initialise

CELLS = 1 << 22  # of the first hidden layer, held at once while the catalogue is scored: 16 MiB


@dataclass(frozen=True)
class NeuMFConfig(ModelConfig):
    """The factors of both halves, and how deep the network is."""

    name: ClassVar[str] = "neumf"

    d: int = number(16, 1, 256, "predictive factors of either half (d)")
    layers: int = number(3, 1, 5, "hidden layers, each half as wide as the one before; the last is d wide")
    dropout: float = number(0.0, 0.0, 0.95, "share of each hidden layer dropped while training")
    user_dropout: float = number(0.1, 0.0, 0.95, "share of training users replaced by the anonymous visitor")
    init_std: float = number(0.0, 0.0, 1.0, "standard deviation of every initial weight; 0 scales by fan-in")


class NeuMF(Recommender):
    """score of item i for user u = h . [P_u * Q_i ; network(P'_u, Q'_i)], equation 12 of the paper.

    Each half has embeddings of its own, and nothing is trained beforehand. The network's first layer is a sum of
    a user's part and an item's part, so that each is computed once and not for every pair.
    """

    Config = NeuMFConfig
    presets = {
        "paper": (
            NeuMFConfig(user_dropout=0.0, init_std=0.01),
            {
                "loss": "bce",
                "negatives": 4,
                "lr": 1e-3,
                "batch_size": 256,
                "epochs": 50,
            },
        ),
        # The best of 17 trials on ML-100K's validation, then the paper's own loss: as good in NDCG, and better in AUC.
        "tuned": (
            NeuMFConfig(d=32, layers=1, dropout=0.65, user_dropout=0.034),
            {"loss": "bce", "negatives": 16, "lr": 7.3e-3, "batch_size": 256, "weight_decay": 4.7e-5},
        ),
    }
    label = "NeuMF"
    summary = "knows your taste through a network, but not what you watched last"
    knows_user = True
    search = {
        "d": (8, 16, 32),
        "layers": Range(1, 3),
        "dropout": Range(0.1, 0.7),
        "user_dropout": Range(0.0, 0.5),
        "negatives": (16, 32),
    }

    def __init__(self, config: NeuMFConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        d, widths = config.d, [config.d << depth for depth in reversed(range(config.layers))]
        own = max(1, widths[0] // 2)  # dimensions of the network's embeddings
        self.users, self.items = UserEmbedding(n_users, d), Table(n_items, d)
        self.network_users, self.network_items = UserEmbedding(n_users, own), nn.Embedding(n_items, own)
        self.from_user, self.from_item = nn.Linear(own, widths[0]), nn.Linear(own, widths[0], bias=False)
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.dropout = Dropout(config.dropout)
        self.output = nn.Linear(2 * d, 1, bias=False)  # h
        initialise(self, config.init_std)

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        h = self.output.weight[0].chunk(2)  # (d,), (d,)
        query = self.users(users) * h[0]  # (B, d)
        of_user = self.from_user(self.network_users(users))  # (B, w)
        of_item = self.from_item(self.network_items.weight)  # (n_items, w)
        if items is None:
            rows = max(1, CELLS // of_item.numel())
            network = [self._network(part[:, None] + of_item) @ h[1] for part in of_user.split(rows)]  # (b, n_items)
            return torch.cat(network).addmm_(query, self.items.weight.T)  # (B, n_items)
        product = torch.bmm(self.items(items), query[:, :, None])[:, :, 0]  # (B, n)
        return product + self._network(of_user[:, None] + kernels.look_up(of_item, items)) @ h[1]  # (B, n)

    def _network(self, x: Tensor) -> Tensor:
        """From the first layer's sums, float (B, n, w), to what is weighed by h: (B, n, d)."""
        for layer in self.hidden:
            x = layer(self.dropout(x.relu_()))
        return self.dropout(x.relu_())
