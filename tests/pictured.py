"""Random Casers on cinema, for tests of the picture."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import nn

from caser.data.dataset import Split
from caser.models import build
from caser.models.caser import CaserConfig

ODD = {
    "no horizontal filters": {"n_h": 0},
    "no vertical filters": {"n_v": 0},
    "no filters": {"n_h": 0, "n_v": 0},
    "no user": {"p": False},
    "tied": {"tied": True},
    "d of 1": {"d": 1},
    "twenty films": {"L": 20, "n_h": 2},
    "one film": {"L": 1},
}


def untrained(split: Split, **changes) -> SimpleNamespace:
    """What the picture needs of a checkpoint, with random weights and biases."""
    torch.manual_seed(0)
    config = CaserConfig(**({"d": 8, "L": 5, "n_h": 3, "n_v": 2} | changes))
    model = build(config, split.dataset.n_users, split.dataset.n_items).eval().requires_grad_(False)
    for name, weight in model.named_parameters():
        if "bias" in name:
            nn.init.normal_(weight, std=0.3)
    return SimpleNamespace(name="untrained", model=model, metadata=SimpleNamespace(temperature=None))
