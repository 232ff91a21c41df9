"""Small random models, and histories of every kind, for the tests of what explains a score."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from caser.models import ANONYMOUS, Recommender, build
from caser.models.caser import CaserConfig
from caser.models.mf import MFConfig
from caser.models.popularity import PopularityConfig

N_USERS, N_ITEMS, L = 3, 20, 4
SWITCHES = [(p, n_h, n_v) for p in (True, False) for n_h in (3, 0) for n_v in (2, 0) if p or n_h or n_v]
SWITCHES.append((True, 3, 2, True))  # tied output rows
HISTORIES = {"long": [9, 1, 2, 3, 4, 5], "full": [7, 3, 11, 0], "short": [5, 19], "repeated": [2, 2, 2, 2], "empty": []}
CONTEXTS = [(user, h) for user in (1, ANONYMOUS) for h in HISTORIES.values()]

every_switch = pytest.mark.parametrize("switches", SWITCHES, ids=str)


def caser(
    p: bool = True, n_h: int = 3, n_v: int = 2, tied: bool = False, L: int = L, d: int = 6, seed: int = 0
) -> Recommender:
    """A Caser with random weights and biases."""
    return _random(CaserConfig(d=d, L=L, n_h=n_h, n_v=n_v, p=p, tied=tied), seed)


def order_blind() -> tuple[Recommender, Recommender]:
    """MF and popularity."""
    popularity = _random(PopularityConfig(), 0)
    popularity.observe(torch.zeros(N_ITEMS, dtype=torch.int64), torch.arange(N_ITEMS))
    return _random(MFConfig(d=6), 0), popularity


def _random(config, seed: int) -> Recommender:
    torch.manual_seed(seed)
    model = build(config, N_USERS, N_ITEMS).eval().requires_grad_(False)
    for name, weight in model.named_parameters():
        if "bias" in name:
            nn.init.normal_(weight, std=0.3)
    return model


def score(model: Recommender, user: int, history: list[int], item: int) -> float:
    """The model's own score; no history is padding."""
    sequence = torch.tensor([history or [model.n_items]])
    return float(model.scores(torch.tensor([user]), sequence)[0, item])
