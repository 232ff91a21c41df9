"""What every model offers: scores of items for a user and the items they watched last."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import chain

import torch
from torch import Tensor, nn

from caser.models import kernels

ANONYMOUS = -1  # the user id of a visitor without a trained row


class Recommender(nn.Module, ABC):
    """Scores items by a query vector: score of item i = weight_i . query + bias_i.

    Attributes:
        config: the model's configuration.
        L: how many recent items `scores` reads; 0 if it reads none.
        n_users, n_items: item ids are 0..n_items-1, and n_items is the padding id.
    """

    L: int = 0

    def __init__(self, config, n_users: int, n_items: int):
        super().__init__()
        self.config, self.n_users, self.n_items = config, n_users, n_items

    @abstractmethod
    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        """float (B, k): what is multiplied with each item's weights; arguments as in `scores`."""

    @abstractmethod
    def item_table(self) -> tuple[Tensor, Tensor]:
        """Weights float (n_items, k) and biases float (n_items,)."""

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        """Scores, higher is better; only their order within a row means anything.

        Args:
            users: int64 (B,), dense ids or `ANONYMOUS`.
            sequences: int64 (B, L'), dense ids, oldest first, padded on the left with n_items;
                of L' > L columns the last L are read, and L' < L is padded.
            items: int64 (B, n), the items to score; None scores the whole catalogue.

        Returns:
            float (B, n), or (B, n_items) for the whole catalogue.
        """
        query = self.query(users, self._fit_window(sequences))  # (B, k)
        weight, bias = self.item_table()
        if items is None:
            return torch.addmm(bias, query, weight.T)  # (B, n_items)
        return kernels.chosen_scores(query, weight, bias, items)  # (B, n)

    @property
    def device(self) -> torch.device:
        """Where the weights live."""
        return next(chain(self.parameters(), self.buffers())).device

    def observe(self, item_counts: Tensor) -> None:
        """Take in how often each item was watched in training, int64 (n_items,), before training."""

    def filter_weights(self) -> dict[str, Tensor]:
        """The convolution weights by name, small enough to keep for several epochs; {} if there are none."""
        return {}

    def _fit_window(self, sequences: Tensor) -> Tensor:
        missing = self.L - sequences.shape[1]
        if missing > 0:
            return nn.functional.pad(sequences, (missing, 0), value=self.n_items)  # (B, L)
        return sequences[:, -missing:]  # (B, L)


class UserEmbedding(nn.Embedding):
    """A row for `ANONYMOUS`, then one a user; any other id is an IndexError."""

    def __init__(self, n_users: int, d: int):
        super().__init__(n_users + 1, d)

    def forward(self, users: Tensor) -> Tensor:
        return kernels.look_up(self.weight, users - ANONYMOUS)  # (B, d)


class Dropout(nn.Dropout):
    """nn.Dropout whose mask costs a fraction of the time on a CPU: each 64-bit draw serves four values.

    The share dropped is p rounded to a 65,536th.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.p or x.device.type != "cpu":
            return super().forward(x)
        draws = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        dropped = round(self.p * 65536)
        draws = draws.view(torch.int16)[: x.numel()].view(x.shape)
        kept = torch.ge(draws, dropped - 32768, out=torch.empty_like(x))  # 0 or 1; as bool ten times slower
        return x * kept.mul_(65536 / (65536 - dropped))


def initialise(module: nn.Module, std: float) -> None:
    """Draw every weight from N(0, std) and zero every bias; std 0 scales each weight by its fan-in.

    The padding row of an embedding stays zero.
    """
    for name, weight in module.named_parameters():
        if "bias" in name:
            nn.init.zeros_(weight)
        else:
            fan_in = weight[0].numel()
            nn.init.normal_(weight, std=std or fan_in**-0.5)
    for part in module.modules():
        if isinstance(part, nn.Embedding) and part.padding_idx is not None:
            nn.init.zeros_(part.weight[part.padding_idx])
