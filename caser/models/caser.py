"""Caser: convolutions over the embedding matrix of what was watched last (Tang & Wang 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from caser.fields import Range, number, switch
from caser.models import kernels
from caser.models.base import CHAPTER_TRAINING, DotProduct, ModelConfig
from caser.models.layers import Dropout, Table, UserEmbedding, initialise, value_of

# Up to which the films' rows of some epochs are kept beside the filters, so that these can be watched forming.
WATCHED_D, WATCHED_ITEMS = 16, 10_000


# By the layer that ties them, which copies with a part switched off share.
_TIED: WeakKeyDictionary[nn.Linear, tuple[tuple, Tensor]] = WeakKeyDictionary()


def _product(own: Tensor, rows: Tensor, tie: Tensor) -> Tensor:
    return torch.addmm(own, rows[:-1], tie.T)


@dataclass(frozen=True)
class CaserConfig(ModelConfig):
    """Caser in the paper's letters; n_h = 0, n_v = 0 and p = False switch off its three parts.

    >>> CaserConfig(d=10, L=5).n_h
    16
    """

    name: ClassVar[str] = "caser"

    d: int = number(64, 1, 1024, "dimensions of an embedding (d)")
    L: int = number(5, 1, 20, "recent items read: the window (L)")
    n_h: int = number(16, 0, 256, "horizontal filters of every height 1..L (n_h); 0 switches them off")
    n_v: int = number(4, 0, 64, "vertical filters (n_v); 0 switches them off")
    p: bool = switch(True, "use a vector for the user (p, the paper's personal part)")
    tied: bool = switch(False, "an output row is its item's row of E through one matrix, plus a row of its own")
    dropout: float = number(0.5, 0.0, 0.95, "share of the convolutions' output dropped while training")
    user_dropout: float = number(0.3, 0.0, 0.95, "share of training users replaced by the anonymous visitor")
    init_std: float = number(0.0, 0.0, 1.0, "standard deviation of every initial weight; 0 scales by fan-in")

    def __post_init__(self):
        super().__post_init__()
        if not (self.p or self.n_h or self.n_v):
            raise ValueError("p, n_h and n_v are all off, so nothing is left to score with; switch one on")


class Caser(DotProduct):
    """score of item i = W'_i . [z ; P_u] + b'_i with z = ReLU(W [vertical ; horizontal] + b).

    W' is a table of its own, as in the paper, or if `tied` A Q_i + W''_i with the item's row Q_i of E's table.

    The convolutions keep the shapes of `nn.Conv2d` weights: `horizontal[h - 1]` is
    (n_h, 1, h, d) for height h = 1..L, `vertical` is (n_v, 1, L, 1). Section 3 of the paper.
    The vertical convolution has no bias of its own: b, one layer on, already is one.
    """

    Config = CaserConfig
    presets = {
        "chapter": (CaserConfig(d=10, dropout=0.05, user_dropout=0.0, init_std=0.01), CHAPTER_TRAINING),
        "paper": (
            CaserConfig(d=50, user_dropout=0.0),
            {
                "loss": "bce",
                "negatives": 3,
                "T": 3,
                "lr": 1e-3,
                "weight_decay": 1e-6,
                "batch_size": 512,
                "epochs": 50,
                "patience": 0,
                "shuffle_ties": False,
                "full_windows": True,
            },
        ),
        # The best trial of searches on ML-100K's validation with 4, 8 and 16 filters of every height, where more than
        # 8 were no better over five seeds.
        "tuned": (
            CaserConfig(d=144, n_h=8, n_v=16, tied=True, dropout=0.46, user_dropout=0.59),
            {
                "T": 4,
                "T_decay": 0.55,
                "lr": 7.5e-3,
                "schedule": "cosine",
                "weight_decay": 0.93,
                "decoupled": True,
                "batch_size": 512,
                "ema": 0.98,
                "epochs": 5,
                "backwards": 0.13,
            },
        ),
    }
    label = "Caser"
    summary = "reads the last films with convolutions, and knows who is watching"
    search = {
        "d": (64, 96, 144, 192),
        "L": Range(4, 12),
        "n_h": (0, 4, 8, 16),
        "n_v": (4, 8, 16),
        "tied": (False, True),
        "dropout": Range(0.2, 0.7),
        "user_dropout": Range(0.0, 0.6),
        "T": Range(1, 4),
        "T_decay": Range(0.2, 1.0),
        "lr": Range(1e-3, 1e-2, log=True),
        "weight_decay": Range(0.1, 1.0),
        "backwards": Range(0.0, 0.4),
        "epochs": Range(4, 12),
    }

    def __init__(self, config: CaserConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        d, L, n_h, n_v = config.d, config.L, config.n_h, config.n_v
        self.L = L
        self.items = Table(n_items + 1, d, padding_idx=n_items)
        n_features = n_v * d + n_h * L
        if n_h:
            self.horizontal = nn.ParameterList(torch.empty(n_h, 1, h, d) for h in range(1, L + 1))
            self.horizontal_bias = nn.Parameter(torch.empty(L, n_h))
        if n_v:
            self.vertical = nn.Parameter(torch.empty(n_v, 1, L, 1))
        if n_features:
            self.dropout = Dropout(config.dropout)
            self.hidden = nn.Linear(n_features, d)
        if config.p:
            self.users = UserEmbedding(n_users, d)
            self.user_dimensions = d
        self.output = Table(n_items, d * (bool(n_features) + config.p))
        self.output_bias = nn.Parameter(torch.empty(n_items))
        if config.tied:
            self.tie = nn.Linear(d, self.output.embedding_dim, bias=False)
        initialise(self, config.init_std)
        if config.tied:
            nn.init.zeros_(self.output.weight)  # what is an item's own has to be learned

    @property
    def has_sequence_part(self) -> bool:
        """Whether any convolution is switched on."""
        return self.config.n_h > 0 or self.config.n_v > 0

    @property
    def reads_order(self) -> bool:
        return self.L > 1 and self.has_sequence_part

    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        """float (B, k): [z ; P_u], k = 2 d, or the one part that is switched on, k = d."""
        parts = []
        if self.has_sequence_part:
            parts.append(self.hidden_vector(self.embed(sequences)))
        if self.config.p:
            parts.append(self.users(users))  # (B, d)
        return torch.cat(parts, 1)  # (B, k)

    def item_table(self) -> tuple[Tensor, Tensor]:
        return self._tied_rows() if self.config.tied else self.output.weight, self.output_bias

    def item_rows(self, items: Tensor) -> tuple[Tensor, Tensor]:
        bias = value_of(self.output_bias, items)
        if not self.config.tied:
            return self.output(items), bias
        if not self.training:
            return self._tied_rows()[items], bias
        return self.output(items) + self.tie(self.items(items)), bias

    def _tied_rows(self) -> Tensor:
        """float (n_items, k). Weights that are no longer trained are multiplied once, which asking for one film's score
        a dozen times rests on."""
        parts = self.output.weight, self.items.weight, self.tie.weight
        if any(part.requires_grad or part.is_inference() for part in parts):
            return _product(*parts)
        state = tuple((part.data_ptr(), part._version) for part in parts)  # changes with the weights
        kept = _TIED.get(self.tie)
        if kept is None or kept[0] != state:
            with torch.inference_mode(False), torch.no_grad():  # gradients by the window may be asked for later
                kept = _TIED[self.tie] = state, _product(*parts)
        return kept[1]

    def filter_weights(self) -> dict[str, Tensor]:
        """The filters; in a model small enough to be watched also the films' rows that they are multiplied with."""
        small = self.has_sequence_part and self.config.d <= WATCHED_D and self.n_items <= WATCHED_ITEMS
        watched = ("horizontal", "vertical", "items") if small else ("horizontal", "vertical")
        return {k: v for k, v in self.named_parameters() if k.startswith(watched)}

    def embed(self, sequences: Tensor) -> Tensor:
        """E, the embedding matrix: int64 (B, L) -> float (B, L, d); padding is a row of zeros."""
        return self.items(sequences)

    def hidden_vector(self, E: Tensor) -> Tensor:
        """z: float (B, L, d) -> (B, d)."""
        return self.hidden(self.dropout(self.features(E))).relu()

    def features(self, E: Tensor) -> Tensor:
        """[vertical ; horizontal]: float (B, L, d) -> (B, n_v * d + n_h * L), one layer below z."""
        if not self.config.n_h:
            return self.vertical_responses(E).flatten(1)  # (B, n_v * d)
        vertical = self.vertical[:, 0, :, 0] if self.config.n_v else E.new_empty(0, self.L)  # (n_v, L)
        return kernels.convolutions(E, vertical, self.horizontal_bias, list(self.horizontal))

    def vertical_responses(self, E: Tensor) -> Tensor:
        """Each vertical filter's weighted sum of the rows: float (B, L, d) -> (B, n_v, d)."""
        return kernels.weighted_rows(E, self.vertical[:, 0, :, 0])

    def horizontal_responses(self, E: Tensor) -> list[Tensor]:
        """Every filter over every window, before ReLU and pooling.

        Args:
            E: float (B, L, d).

        Returns:
            For each height h = 1..L, float (B, L - h + 1, n_h).
        """
        n_h, d, found = self.config.n_h, self.config.d, []
        for h, (weight, bias) in enumerate(zip(self.horizontal, self.horizontal_bias, strict=True), 1):
            windows = E.flatten(1).unfold(1, h * d, d).reshape(-1, h * d)  # as one matrix: a product each is slow
            responses = windows @ weight.view(n_h, h * d).T + bias
            found.append(responses.view(len(E), self.L - h + 1, n_h))
        return found
