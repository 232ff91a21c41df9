"""Layers that several models are made of."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from caser.models import kernels
from caser.models.base import ANONYMOUS


class Table(nn.Embedding):
    """nn.Embedding with a faster gradient; of a large one training moves only the rows that a step reads.

    Attributes:
        on_read: called with the ids, int64 (n,), before their rows are read while training; set where the gradient is
            sparse.
    """

    on_read: Callable[[Tensor], None] | None = None

    def forward(self, ids: Tensor) -> Tensor:
        """int64 of any shape -> float (*shape, d)."""
        if self.on_read is not None and self.training:
            self.on_read(ids.flatten())
        return kernels.look_up(self.weight, ids, self.padding_idx, self.sparse)


class UserEmbedding(Table):
    """A row for `ANONYMOUS`, then one for each user; any other id is an IndexError."""

    def __init__(self, n_users: int, d: int):
        super().__init__(n_users + 1, d)

    def forward(self, users: Tensor) -> Tensor:
        return super().forward(users - ANONYMOUS)  # (B, d)


def value_of(values: Tensor, ids: Tensor) -> Tensor:
    """values[ids], float (n,) by int64 of any shape, whose gradient a CPU computes many times faster."""
    return kernels.look_up(values[:, None], ids)[..., 0]


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
