"""What a training step costs at the most, from sizes alone: nothing is run and nothing large is made."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import nn

from caser.config import Config
from caser.data.dataset import Split
from caser.models import MODELS, DotProduct, outline

POOL = 2048  # items drawn for a batch where that costs less than all of them
ROW_TRAFFIC = 12  # times that a step reads or writes a weight that it moves: gradient, moments, average
FLOPS_PER_BYTE = 15  # floating point operations in the time that a byte takes to and from memory, on a CPU


@dataclass(frozen=True)
class Cost:
    """Of one training step at the most: floating point operations, bytes held, and bytes of the weights alone."""

    flops: float
    bytes: float
    weights: float


def step_cost(config: Config, n_users: int, n_items: int) -> Cost:
    """The cost of a step, rather too high than too low.

    Every weight that is no table is used for each item read (or, in a network over pairs, for each pair); backward is
    twice the forward. Adam keeps two more numbers for a weight beside its gradient, a moving average one.

    Raises:
        ValueError: the model cannot be made for so many items.
    """
    model = outline(config.model, n_users, n_items)
    training, d = config.training, getattr(config.model, "d", 1)
    weights = sum(weight.numel() for weight in model.parameters()) + sum(b.numel() for b in model.buffers())
    tables = sum(part.weight.numel() for part in model.modules() if isinstance(part, nn.Embedding))
    dense = max(weights - tables, 0) if model.learns else 0
    read, layers = max(model.L, 1), getattr(config.model, "layers", 1)
    asked = training.batch_size * (read if model.every_position else 1)  # queries in a step
    scored = training.T * (1 + training.negatives) if training.negatives else n_items
    pairs = asked * scored
    by_pair = not isinstance(model, DotProduct)
    flops = 6.0 * (pairs * (dense if by_pair else 2 * d) + training.batch_size * read * dense)
    held = 2 * pairs * (d if by_pair else 1) + training.batch_size * read * d * (4 + 12 * layers)
    return Cost(flops, 4.0 * (weights * (5 if training.ema else 4) + held), 4.0 * weights)


def pool_size(config: Config, n_users: int, n_items: int, device: torch.device) -> int:
    """How many items the softmax of a batch is to draw from the catalogue; `n_items` if it weighs all.

    What the setting `pool` says, and for 0 what costs less. A GPU takes all as long as their scores fit.
    """
    training, model = config.training, config.model
    if training.pool:
        return min(training.pool, n_items)
    targets = training.batch_size * (max(model.L, 1) if MODELS[model.name].every_position else 1)
    if device.type == "cuda":
        return n_items if targets * n_items <= 1 << 32 else POOL
    d = getattr(model, "d", 1)
    row = 2 * d * FLOPS_PER_BYTE * 4 * ROW_TRAFFIC  # of one item's weights, read and moved
    whole = n_items * (12.0 * targets * d + row)
    drawn = min(n_items, POOL + targets * training.T / 2)
    return n_items if whole <= 2 * drawn * (12.0 * targets * d + row) else POOL


def memory() -> float:
    """Bytes of memory that this machine has; inf where it does not say."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return float("inf")


def require_memory(config: Config, split: Split) -> None:
    """Raise ValueError, with the remedy, if a step would not fit into this machine's memory."""
    needed, there = step_cost(config, split.dataset.n_users, split.dataset.n_items).bytes, memory()
    if needed > there:
        raise ValueError(
            f"a training step would take up to {needed / 2**30:,.0f} GiB and this machine has {there / 2**30:,.0f}; "
            "take a smaller batch_size, d or L, or draw negatives"
        )
