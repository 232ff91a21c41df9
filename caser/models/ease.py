"""EASE: every item's score as a weighted sum of what was watched, with weights in closed form (Steck 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from caser.fields import Range, number
from caser.models.base import ModelConfig, Recommender

CELLS = 1 << 24  # of the users x items table, held at once: 64 MiB


@dataclass(frozen=True)
class EaseConfig(ModelConfig):
    """How strongly weights are held down, and how much of the history is read."""

    name: ClassVar[str] = "ease"

    L: int = number(100, 1, 1000, "recent items read: the window (L)")
    penalty: float = number(500.0, 1.0, 1e6, "L2 penalty on the weights (lambda)")
    tau: float = number(10.0, 0.0, 1e4, "items after which a recent item's weight falls to 1/e; 0 weighs all alike")


class Ease(Recommender):
    """score of item j = sum over the recent items i of e^(-age_i / tau) B_ij, the newest item having age 0.

    B minimises |X - X B|^2 + penalty |B|^2 with a diagonal of zeros, for X the users x items table of what was
    watched: B = P / -diag(P) off the diagonal, with P = (X^T X + penalty)^-1 (equation 8 of the paper).
    The paper weighs all that was watched alike. Weights that fall with age are used when scoring only:
    in X as well they were no better on ML-100K's validation films.
    B is kept in half precision: 5.7 MB for ML-100K, where it moves one validation film in 943 across a cut-off.
    Keeping only the 400 largest weights of each of the 1,682 items, which takes as much, moves seven.
    """

    Config = EaseConfig
    presets = {
        "paper": (EaseConfig(L=1000, tau=0.0), {"epochs": 1, "patience": 0}),
        "tuned": (EaseConfig(penalty=350.0, tau=8.8), {"epochs": 1, "patience": 0}),
    }
    label = "EASE"
    summary = "weighs each film watched, with weights solved in closed form"
    search = {"penalty": Range(20.0, 5000.0, log=True), "tau": Range(1.0, 100.0, log=True)}

    def __init__(self, config: EaseConfig, n_users: int, n_items: int):
        super().__init__(config, n_users, n_items)
        self.L = config.L
        self.register_buffer("weights", torch.zeros(n_items, n_items, dtype=torch.float16))  # from item, to item

    @property
    def reads_order(self) -> bool:
        return self.L > 1 and self.config.tau > 0

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        sequences = self.fit_window(sequences)  # (B, L)
        weight = self._age_weights() * (sequences < self.n_items)  # (B, L)
        if items is None:
            watched, at = sequences.unique(return_inverse=True)  # (W,), (B, L): a visitor's few rows, not all
            x = weight.new_zeros(len(sequences), len(watched)).scatter_add_(1, at, weight)  # (B, W)
            return x @ self.weights[watched.clamp(max=self.n_items - 1)].float()  # (B, n_items)
        total = torch.zeros(items.shape, device=items.device)  # (B, n)
        for watched, by in zip(sequences.clamp(max=self.n_items - 1).T, weight.T, strict=True):  # (B,), (B,)
            total += self.weights[watched[:, None], items] * by[:, None]
        return total

    def _age_weights(self) -> Tensor:
        """float (L,), the oldest first."""
        age = torch.arange(self.L - 1, -1, -1, device=self.device)
        return torch.exp(-age / self.config.tau) if self.config.tau else torch.ones_like(age, dtype=torch.float)

    def solving_bytes(self) -> float:
        """X^T X, its factor and its inverse."""
        return 12.0 * self.n_items**2

    def observe(self, users: Tensor, items: Tensor) -> None:
        gram = self._gram(users, items)
        gram.diagonal().add_(self.config.penalty)
        factor, failed = torch.linalg.cholesky_ex(gram)
        if failed:
            raise ValueError(f"EASE cannot be solved with penalty {self.config.penalty:g}; give a larger one")
        inverse = torch.cholesky_inverse(factor)  # (n_items, n_items)
        self.weights.copy_(inverse.div_(-inverse.diagonal().clone()).fill_diagonal_(0))

    def _gram(self, users: Tensor, items: Tensor) -> Tensor:
        """X^T X, float (n_items, n_items): how many users watched both of two items."""
        gram = torch.zeros(self.n_items, self.n_items, device=items.device)
        step = max(1, CELLS // self.n_items)
        for first in range(0, self.n_users, step):
            among = slice(*torch.searchsorted(users, users.new_tensor([first, first + step])).tolist())
            x = gram.new_zeros(min(step, self.n_users - first), self.n_items)
            x[users[among] - first, items[among]] = 1
            gram.addmm_(x.T, x)
        return gram
