"""What a training step costs at the most, from sizes alone: nothing is run and nothing large is made."""

from __future__ import annotations

import os
from dataclasses import dataclass

from torch import nn

from caser.config import Config, preset
from caser.data.dataset import Split
from caser.models import MODELS, DotProduct, outline

MOST_BY_DEFAULT = 1e15  # floating point operations of a run, some hours on two cores


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


def usual_preset(name: str, n_users: int, n_items: int, interactions: int) -> str:
    """The preset of a model to begin with: tuned, unless that would take hours and another less than a tenth of it.

    What tuned settings learn by is often a softmax over all items, whose cost grows with items times interactions.

    Args:
        name: the model's kind.

    >>> usual_preset("caser", 943, 1_682, 100_000), usual_preset("caser", 70_000, 87_000, 10_000_000)
    ('tuned', 'seed')
    """

    def whole(of: str) -> float:
        config = preset(name, of)
        steps = config.training.epochs * interactions / config.training.batch_size
        return steps * step_cost(config, n_users, n_items).flops

    try:
        tuned, others = whole("tuned"), {whole(other): other for other in MODELS[name].presets if other != "tuned"}
    except ValueError:  # it cannot be made for so many items, which training says
        return "tuned"
    cheapest = min(others, default=tuned)
    return others[cheapest] if tuned > MOST_BY_DEFAULT and cheapest < tuned / 10 else "tuned"


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
