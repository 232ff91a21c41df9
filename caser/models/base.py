"""What every model offers: scores of items for a user and the items they watched last, and facts about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from caser.fields import Range, check

ANONYMOUS = -1  # the user id of a visitor without a trained row


@dataclass(frozen=True)
class ModelConfig:
    """A model's own settings, each declared by `caser.fields`.

    Attributes:
        name: what the model is called in configurations and on the command line.
        user_dropout: share of training users replaced by the anonymous visitor.
    """

    name: ClassVar[str]
    user_dropout: ClassVar[float] = 0.0

    def __post_init__(self):
        check(self)


# The source chapter's training, for the presets called "chapter".
CHAPTER_TRAINING = {
    "loss": "bpr",
    "negatives": 1,
    "lr": 0.04,
    "weight_decay": 1e-5,
    "batch_size": 4096,
    "epochs": 8,
    "patience": 0,
    "shuffle_ties": False,
    "full_windows": True,
    "hide_test": True,
}


class Recommender(nn.Module, ABC):
    """Scores items for a user and the items they watched last; what it is, it says itself.

    Attributes:
        Config: the class of its settings. presets: by name, settings and training fields that differ from the
            defaults. label: what it is called on screen. summary: what it uses, to follow the label.
        search: where good values of its settings, and of training fields, lie: a range or the values to choose from.
        every_position: whether one pass over a sequence teaches what follows each of its items.
        config: the model's settings.
        L: how many recent items `scores` reads; 0 if it reads none.
        n_users, n_items: item ids are 0..n_items-1, and n_items is the padding id.
    """

    Config: ClassVar[type[ModelConfig]]
    presets: ClassVar[dict[str, tuple[ModelConfig, dict[str, Any]]]]
    label: ClassVar[str]
    summary: ClassVar[str]
    search: ClassVar[dict[str, Range | tuple]] = {}
    every_position: ClassVar[bool] = False
    L: int = 0

    def __init__(self, config: ModelConfig, n_users: int, n_items: int):
        super().__init__()
        self.config, self.n_users, self.n_items = config, n_users, n_items

    @abstractmethod
    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        """Scores, higher is better; only their order within a row means anything.

        Args:
            users: int64 (B,), dense ids or `ANONYMOUS`.
            sequences: int64 (B, L'), dense ids, oldest first, padded on the left with n_items;
                of L' > L columns the last L are read, and L' < L is padded (`fit_window`).
            items: int64 (B, n), the items to score; None scores the whole catalogue.

        Returns:
            float (B, n), or (B, n_items) for the whole catalogue.
        """

    @property
    def device(self) -> torch.device:
        """Where the weights live."""
        return next(chain(self.parameters(), self.buffers())).device

    @property
    def learns(self) -> bool:
        """Whether there are weights to train; otherwise `observe` is all it needs."""
        return any(True for _ in self.parameters())

    @property
    def reads_order(self) -> bool:
        """Whether the order of the recent items can change a score."""
        return self.L > 1

    @property
    def knows_user(self) -> bool:
        """Whether who is watching can change a score."""
        return False

    @property
    def has_filters(self) -> bool:
        """Whether there are convolution filters to look into."""
        return bool(self.filter_weights())

    @property
    def has_curves(self) -> bool:
        """Whether films are blended by a curve for each dimension."""
        return bool(self.curve_weights())

    def observe(self, users: Tensor, items: Tensor) -> None:
        """Take in what may be seen before training: int64 (n,) each, by user, then time."""

    def solving_bytes(self) -> float:
        """What `observe` holds in memory at the most beside the weights, where that is much."""
        return 0.0

    def examples(self, windows: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """What one pass learns from: the items to read, and what follows at each of S places.

        By default there is one place, the window's end.

        Args:
            windows: int64 (B, L), the items before the targets; targets: int64 (B, T), the next items. n_items pads.
            generator: the source of every draw, such as which items to mask.

        Returns:
            int64 (B, L') to read, and int64 (B, S, T) to predict; a place whose first target is n_items is left out.
        """
        return windows, targets[:, None]

    def filter_weights(self) -> dict[str, Tensor]:
        """The convolution weights by name, small enough to keep for several epochs; {} if there are none."""
        return {}

    def curve_weights(self) -> list[Tensor]:
        """For each layer of depthwise convolutions the weights by age, float (d, K), the live ones; [] without any."""
        return []

    def openings(self, sequences: Tensor) -> list[Tensor]:
        """For each layer how far its gate opens at each item, 0 to 1, float (B, L', d); [] without gates.

        Args:
            sequences: int64 (B, L'), L' <= L, without padding.
        """
        return []

    def fit_window(self, sequences: Tensor) -> Tensor:
        """int64 (B, L): sequences (B, L') cut to the last L, or padded on the left."""
        missing = self.L - sequences.shape[1]
        if missing > 0:
            return nn.functional.pad(sequences, (missing, 0), value=self.n_items)  # (B, L)
        return sequences[:, -missing:]  # (B, L)


class DotProduct(Recommender):
    """score of item i = weight_i . query + bias_i, which full softmax and the split into who and what rest on.

    Attributes:
        user_dimensions: how many of a query's last dimensions are a row of `users`, the user's; 0 without one.
    """

    user_dimensions: int = 0

    @abstractmethod
    def query(self, users: Tensor, sequences: Tensor) -> Tensor:
        """float (B, k): what is multiplied with each item's weights; sequences are int64 (B, L)."""

    @abstractmethod
    def item_table(self) -> tuple[Tensor, Tensor]:
        """Weights float (n_items, k) and biases float (n_items,)."""

    def item_rows(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Of `item_table` the rows of some items, int64 of any shape: float (*shape, k) and (*shape)."""
        weight, bias = self.item_table()
        return weight[items], bias[items]

    def queries(self, users: Tensor, sequences: Tensor) -> Tensor:
        """float (B, S, k): a query for each place that `examples` asks about, from what it says to read."""
        return self.query(users, sequences)[:, None]

    @property
    def knows_user(self) -> bool:
        return self.user_dimensions > 0

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        query = self.query(users, self.fit_window(sequences))  # (B, k)
        if items is not None:
            return chosen_scores(query, *self.item_rows(items))  # (B, n)
        weight, bias = self.item_table()
        return torch.addmm(bias, query, weight.T)  # (B, n_items)


def chosen_scores(query: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """weight . query + bias: float (B, k) and each row's own items, (B, n, k) and (B, n) -> (B, n)."""
    return torch.bmm(weight, query[:, :, None])[:, :, 0] + bias
