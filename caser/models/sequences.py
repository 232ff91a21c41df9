"""What the models share that read a sequence as a whole and learn at every place of it in one pass."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from caser.fields import Range, number
from caser.models.base import DotProduct, ModelConfig
from caser.models.layers import Dropout, Table, value_of


@dataclass(frozen=True)
class SequenceConfig(ModelConfig):
    """Settings of every model of sequences."""

    d: int = number(64, 1, 1024, "dimensions of an embedding (d)")
    L: int = number(50, 1, 512, "recent items read (L)")
    layers: int = number(1, 1, 8, "layers, each reading the one below")
    dropout: float = number(0.4, 0.0, 0.95, "share of embeddings and hidden values dropped while training")


@dataclass(frozen=True)
class AttentionConfig(SequenceConfig):
    """Settings of every model of sequences that attends."""

    heads: int = number(1, 1, 16, "attention heads in each layer, which share the d dimensions")

    def __post_init__(self):
        super().__post_init__()
        if self.d % self.heads:
            raise ValueError(f"heads is {self.heads} and d is {self.d}; choose heads that divide d evenly")


class SequenceModel(DotProduct):
    """score of item i = E_i . query + b_i, where E is also the table that the items read are looked up in.

    Args:
        special: how many more ids than items and padding can be read.
    """

    every_position = True
    search: ClassVar[dict[str, Range | tuple]] = {
        "d": (64, 128),
        "L": (20, 50),
        "layers": (1, 2),
        "dropout": Range(0.1, 0.6),
        "lr": Range(1e-3, 1e-2, log=True),
        "batch_size": (32, 64, 128),
        "ema": (0.99, 0.995),
    }

    def __init__(self, config: SequenceConfig, n_users: int, n_items: int, special: int = 0):
        super().__init__(config, n_users, n_items)
        self.L = config.L
        self.items = Table(n_items + 1 + special, config.d, padding_idx=n_items)
        self.output_bias = nn.Parameter(torch.zeros(n_items))
        self.dropout = Dropout(config.dropout)
        nn.init.normal_(self.items.weight, std=config.d**-0.5)
        nn.init.zeros_(self.items.weight[n_items])

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        return self.queries(users, sequences)[:, -1]  # (B, d)

    def item_table(self) -> tuple[Tensor, Tensor]:
        return self.items.weight[: self.n_items], self.output_bias

    def item_rows(self, items: Tensor) -> tuple[Tensor, Tensor]:
        return self.items(items), value_of(self.output_bias, items)

    def embed(self, sequences: Tensor) -> Tensor:
        """int64 (B, L) -> float (B, L, d); padding is a row of zeros."""
        return self.items(sequences)


class NextItems(SequenceModel):
    """A model whose query at a place rests on the items up to it, and is asked for what follows."""

    @abstractmethod
    def read(self, E: Tensor) -> Tensor:
        """float (B, L, d) -> (B, L, d): a query for each place, from the rows up to it; padding comes last."""

    def examples(self, windows: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The windows as they are, and the next T items at each place; nothing follows padding."""
        following = torch.cat([windows, targets], 1)[:, 1:].unfold(1, targets.shape[1], 1)  # (B, L, T)
        return windows, following.where(windows[:, :, None] < self.n_items, self.n_items)

    def queries(self, users: Tensor, sequences: Tensor) -> Tensor:
        """float (B, L, d): at each place what is read at the last item so far, wherever padding is."""
        there = sequences < self.n_items  # (B, L)
        places = torch.arange(there.shape[1], device=there.device)
        first = places.where(there, places + len(places)).argsort(dim=1)  # (B, L), the items first, then padding
        at = there.cumsum(1).sub_(1).clamp_(min=0)  # (B, L), where then the last item so far is
        return picked(self.read(picked(self.embed(sequences), first)), at)


class Positions(nn.Module):
    """Adds to each place an embedding of how far it is from the end.

    Args:
        L: places at the most. d: dimensions.
    """

    def __init__(self, L: int, d: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(L, d))
        nn.init.normal_(self.weight, std=d**-0.5)

    def forward(self, E: Tensor) -> Tensor:
        return E + self.weight[-E.shape[1] :]  # (B, L', d), L' <= L


def picked(x: Tensor, places: Tensor) -> Tensor:
    """Places of each row: float (B, L, d), int64 (B, n) -> (B, n, d).

    >>> picked(torch.tensor([[[0.0], [1.0], [2.0]]]), torch.tensor([[2, 0]])).flatten().tolist()
    [2.0, 0.0]
    """
    return x.gather(1, places[:, :, None].expand(-1, -1, x.shape[2]))  # (B, n, d)


def encoder(config: AttentionConfig, width: int, activation: str) -> nn.TransformerEncoder:
    """Attention and a feed-forward network of `width` in turn, over float (B, L, d).

    Weights begin as PyTorch's layers have them; all drawn as Xavier's, SASRec took eight epochs for what takes five.
    """
    layers = [_layer(config, width, activation) for _ in range(config.layers)]
    stack = nn.TransformerEncoder(layers[0], config.layers, enable_nested_tensor=False)
    stack.layers = nn.ModuleList(layers)  # each its own; by itself the stack copies one, weights and all
    return stack


def _layer(config: AttentionConfig, width: int, activation: str) -> nn.TransformerEncoderLayer:
    """Attention's weights are not dropped: the layer's output is, and the fused kernel is kept."""
    layer = nn.TransformerEncoderLayer(config.d, config.heads, width, 0.0, activation, batch_first=True)
    layer.dropout, layer.dropout1, layer.dropout2 = (Dropout(config.dropout) for _ in range(3))
    return layer
