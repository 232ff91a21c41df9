"""The learning rate over a phase of training."""

from __future__ import annotations

import math

WARM_UP = 1.0  # epochs


def cosine(epoch: float, epochs: int) -> float:
    """The share of the full rate after `epoch` of `epochs`: linear over the first one, then down a cosine to 0.

    With a single epoch the warm-up is half of it.

    >>> [round(cosine(epoch, 5), 2) for epoch in (0.5, 1, 2, 3, 4, 5)]
    [0.5, 1.0, 0.85, 0.5, 0.15, 0.0]
    """
    warm_up = min(WARM_UP, epochs / 2)
    if epoch < warm_up:
        return epoch / warm_up
    return (1 + math.cos(math.pi * (epoch - warm_up) / (epochs - warm_up))) / 2
