"""What curves look like: each dimension's weights over the last films, sorted into a few shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from caser.explain.records import Record
from caser.models import Recommender, build

QUICK, SLOW, BACK, ALTERNATES, FADES = "quick", "slow", "further back", "alternates", "fades"
SHAPES = {  # in words; the first that holds is a curve's. The film itself is passed on beside it, so age 0 is left out
    ALTERNATES: "the sign changes from one earlier film to the next, and both weigh",
    BACK: "the film before weighs less than half of the largest",
    QUICK: "three quarters of the weight lie on the two films before",
    SLOW: "half of the weight lies more than five films before",
    FADES: "in between",
}
_WEIGHS = 0.25  # of the largest weight, from which a change of sign counts


def shape(curve: np.ndarray) -> str:
    """The shape of one curve, float (K,), by age; the weight of age 0 does not count.

    >>> shape(np.array([0.0, 1.0, 0.7, 0.5, 0.3])), shape(np.array([1.0, -0.6, 0.4])), shape(np.array([0.1, 0.2, 0.5]))
    ('fades', 'alternates', 'further back')
    """
    size = np.abs(curve[1:])
    total, largest = size.sum(), size.max(initial=0.0)
    if not total:
        return QUICK
    turns = (curve[1:-1] * curve[2:] < 0) & (np.minimum(size[:-1], size[1:]) >= _WEIGHS * largest)
    if turns.any():
        return ALTERNATES
    if size[0] < largest / 2:
        return BACK
    if size[:2].sum() >= 0.75 * total:
        return QUICK
    return SLOW if size[5:].sum() >= total / 2 else FADES


@dataclass(frozen=True, eq=False)
class Group(Record):
    """The dimensions of one layer whose curves have one shape.

    Attributes:
        layer: from 0. dimensions: int64 (n,). mean: float (K,), of the curves, each divided by its largest weight of an
            earlier film.
    """

    layer: int
    shape: str
    dimensions: np.ndarray
    mean: np.ndarray


def curves(model: Recommender) -> list[np.ndarray]:
    """float (d, K) for each layer, weights by age; [] for a model without."""
    with torch.no_grad():
        return [weight.cpu().numpy() for weight in model.curve_weights()]


def begun(model: Recommender) -> np.ndarray:
    """float (K,): the mean of the first layer's curves before training, divided as `Group.mean` is."""
    return _upright(curves(build(model.config, 1, 1))[0]).mean(0)


def groups(model: Recommender, fewest: int = 1) -> tuple[Group, ...]:
    """Every layer's curves by shape, in the order of `SHAPES`; shapes of fewer curves are left out."""
    by_shape = []
    for layer, weights in enumerate(curves(model)):
        shapes = np.array([shape(curve) for curve in weights])
        for name in SHAPES:
            (chosen,) = np.nonzero(shapes == name)
            if len(chosen) >= fewest:
                by_shape.append(Group(layer, name, chosen, _upright(weights[chosen]).mean(0)))
    return tuple(by_shape)


def _upright(weights: np.ndarray) -> np.ndarray:
    """Each divided by its largest weight of an earlier film, sign and all: a dimension has no direction of its own."""
    earlier = weights[:, min(1, weights.shape[1] - 1) :]
    largest = np.take_along_axis(earlier, np.abs(earlier).argmax(1)[:, None], 1)  # (n, 1)
    return weights / np.where(largest == 0, 1, largest)
