"""What a training step costs at the most, from sizes alone: nothing is run and nothing large is made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from caser.config import Config
from caser.data.dataset import Split
from caser.models import MODELS, DotProduct, outline

POOL = 2048  # items drawn for a batch where that costs less than all of them
WORTH_IT = 1.5  # times as many items as a pool weighs: below, all cost as little as finding out which to weigh
CELLS = {"cpu": 1 << 26, "mps": 1 << 28, "cuda": 1 << 30}  # of a batch's scores held at once, by kind of device
CONTAINER = Path("/sys/fs/cgroup/memory.max")  # bytes that a container may use


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
    pool = pool_size(config, n_items, torch.device("cpu"))
    scored = training.T * (1 + training.negatives) if training.negatives else min(n_items, pool + asked * training.T)
    pairs = asked * scored
    by_pair = not isinstance(model, DotProduct)
    flops = 6.0 * (pairs * (dense if by_pair else 2 * d) + training.batch_size * read * dense)
    scores = pairs * d if by_pair else min(pairs, CELLS["cpu"])
    held = 2 * scores + training.batch_size * read * d * (4 + 12 * layers)
    numbers = weights * (5 if training.ema else 4) + held if model.learns else weights
    return Cost(flops, 4.0 * numbers + model.solving_bytes(), 4.0 * weights)


def size(n: float) -> str:
    """Bytes as people say them.

    >>> size(3.2e6), size(5.9 * 2**30)
    ('3 MB', '5.9 GiB')
    """
    return f"{n / 2**30:.1f} GiB" if n >= 2**30 else f"{n / 1e6:.0f} MB"


def said(config: Config, n_users: int, n_items: int, device: torch.device) -> str:
    """What a step of training weighs, or what is solved, and the memory that it needs at the most."""
    needed = f"up to {size(step_cost(config, n_users, n_items).bytes)} of memory"
    model, training = outline(config.model, n_users, n_items), config.training
    if not model.learns:
        return f"solved at once, with {needed}" if model.solving_bytes() else "counted at once"
    if training.negatives or not isinstance(model, DotProduct):
        return f"every step weighs its targets against items drawn for each, with {needed}"
    pool = pool_size(config, n_items, device)
    if pool >= n_items:
        return f"every step weighs all {n_items:,} items, with {needed}"
    return f"every step weighs {pool:,} of {n_items:,} items, drawn anew, and its own targets, with {needed}"


def pool_size(config: Config, n_items: int, device: torch.device) -> int:
    """How many items the softmax of a batch is to draw from the catalogue; `n_items` if it weighs all.

    What the setting `pool` says, and for 0 what costs less. A GPU takes all as long as their scores fit.
    """
    training, model = config.training, config.model
    if training.pool:
        return min(training.pool, n_items)
    targets = training.batch_size * (max(model.L, 1) if MODELS[model.name].every_position else 1)
    if device.type == "cuda":
        return n_items if targets * n_items <= CELLS["cuda"] else POOL
    drawn = POOL + targets * training.T / 2  # of a batch's targets some are the same
    return n_items if n_items <= WORTH_IT * drawn else POOL


def memory() -> float:
    """Bytes of memory that this process may use; inf where the machine does not say."""
    try:
        machine = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        machine = float("inf")
    try:
        return min(machine, float(CONTAINER.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return machine


def require_memory(config: Config, split: Split) -> None:
    """Raise ValueError, with the remedy, if a step would not fit into this machine's memory."""
    n_users, n_items = split.dataset.n_users, split.dataset.n_items
    needed, limit = step_cost(config, n_users, n_items).bytes, memory()
    if needed <= limit:
        return
    solved = outline(config.model, n_users, n_items).solving_bytes() > limit
    remedy = (
        f"use the covisit model, which keeps each of the {n_items:,} items' nearest neighbours alone"
        if solved
        else "take a smaller batch_size, d, L or pool"
    )
    what = f"the {config.model.name} model would need" if solved else "a training step would take"
    raise ValueError(f"{what} up to {needed / 2**30:,.0f} GiB and this machine has {limit / 2**30:,.0f}; {remedy}")
