"""What each filter of a Caser does with one sequence, and what it adds to one score.

A horizontal filter of height h responds to a window of h films with the sum of one inner product per row,
F_row . E_film, plus its bias (Tang & Wang 2018, section 3.2). So everything about it can be said
exactly. This module follows one sequence; `caser.explain.preferences` asks what a filter seeks in general.

Heights are 1..L as in the paper; filters, rows and positions count from 0, the oldest first. People read names and
numbers from 1: `horizontal_name`, `vertical_name`, and what is written as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import torch

from caser.explain.records import Record, adding_up
from caser.models import Caser, DotProduct, Recommender
from caser.recommend import to_numpy, window


def has_convolutions(model: Recommender) -> TypeGuard[Caser]:
    """Whether this wing has anything to say about a model."""
    return isinstance(model, Caser)


# ---- what filters are called


def horizontal_name(height: int, index: int) -> str:
    """What a horizontal filter is called: how many films it reads, then a letter, as in a spreadsheet's columns.

    >>> horizontal_name(4, 1), horizontal_name(2, 26)
    ('4b', '2aa')
    """
    letters, left = "", index + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return f"{height}{letters}"


def vertical_name(index: int) -> str:
    """What a vertical filter is called.

    >>> vertical_name(0)
    'V1'
    """
    return f"V{index + 1}"


def parse_name(text: str) -> tuple[str, int, int] | tuple[str, int]:
    """The filter of a name, in capitals or not: ("h", height, index) or ("v", index), the indices from 0.

    >>> parse_name("4b"), parse_name("2aa"), parse_name("V1")
    (('h', 4, 1), ('h', 2, 26), ('v', 0))

    Raises:
        ValueError: no filter can have that name.
    """
    horizontal = re.fullmatch("([1-9][0-9]{0,2})([a-z]{1,3})", text.strip().lower())
    if horizontal:
        place = 0
        for letter in horizontal[2]:
            place = 26 * place + ord(letter) - ord("a") + 1
        return "h", int(horizontal[1]), place - 1
    vertical = re.fullmatch("v([1-9][0-9]{0,3})", text.strip().lower())
    if vertical:
        return "v", int(vertical[1]) - 1
    raise ValueError(f"{text[:40]!r} is no filter's name; write 4b for a horizontal filter, V1 for a vertical one")


# ---- one sequence on its way through the convolutions


@dataclass(frozen=True, eq=False)
class Trace(Record):
    """One sequence on its way through the convolutions, step by step.

    Attributes:
        sequence: int64 (L,), what is read, padding included.
        embedding: float32 (L, d), E; a padding row is zero.
        vertical: float32 (n_v, d), each vertical filter's weighted sum of the rows of E.
        responses: for each height h, float32 (L - h + 1, n_h): every filter over every window, before
            ReLU and pooling; () without horizontal filters.
        pooled: int64 (L, n_h), by height - 1 and filter: the window its maximum comes from (the
            position of its oldest film; of windows that tie the first).
        activation: float32 (L, n_h), that maximum after ReLU; 0 is a dead filter.
        hidden: float32 (d,), z before its ReLU; (0,) without any filter.
    """

    sequence: np.ndarray
    embedding: np.ndarray
    vertical: np.ndarray
    responses: tuple[np.ndarray, ...]
    pooled: np.ndarray
    activation: np.ndarray
    hidden: np.ndarray

    @property
    def alive(self) -> np.ndarray:
        """bool (L, n_h): the horizontal filters that fired."""
        return self.activation > 0

    @property
    def features(self) -> np.ndarray:
        """float32 (n_v * d + L * n_h,): [vertical ; horizontal], what the hidden layer reads."""
        return np.concatenate([self.vertical.ravel(), self.activation.ravel()])


@torch.inference_mode()
def trace(model: Caser, history: Sequence[int]) -> Trace:
    """Follow the last L films of a history through the model (section 3.2 of the paper)."""
    sequence = window(model, history)  # (1, L)
    E = model.embed(sequence)  # (1, L, d)
    config = model.config
    responses = [to_numpy(r[0]) for r in model.horizontal_responses(E)] if config.n_h else []  # (L - h + 1, n_h)
    vertical = to_numpy(model.vertical_responses(E)[0]) if config.n_v else np.zeros((0, config.d), np.float32)
    hidden = to_numpy(model.hidden(model.features(E))[0]) if model.has_sequence_part else np.zeros(0, np.float32)
    highest = [r.max(0) for r in responses] or np.zeros((model.L, 0), np.float32)
    return Trace(
        sequence=to_numpy(sequence[0]),
        embedding=to_numpy(E[0]),
        vertical=vertical,
        responses=tuple(responses),
        pooled=np.array([r.argmax(0) for r in responses] or np.zeros((model.L, 0)), np.int64),  # (L, n_h)
        activation=np.maximum(np.array(highest, np.float32), 0),  # (L, n_h)
        hidden=hidden,
    )


def hidden_slope(model: Caser, traced: Trace, item: int) -> np.ndarray:
    """float32 (d,): what each unit of the hidden layer before ReLU adds to an item's score, a unit of it."""
    weight, _ = model.item_table()
    return to_numpy(weight[item])[: len(traced.hidden)] * (traced.hidden > 0)  # (d,)


def feature_slope(model: Caser, traced: Trace, item: int) -> np.ndarray:
    """float32 (n_v * d + L * n_h,): the derivative of an item's score by each feature, where it is now."""
    if not model.has_sequence_part:
        return np.zeros(0, np.float32)
    return to_numpy(model.hidden.weight).T @ hidden_slope(model, traced, item)


def network_bias(model: Caser, traced: Trace) -> np.ndarray:
    """float32 (d,): the part of z that comes of biases: the hidden layer's, and those of the filters that fire."""
    bias = to_numpy(model.hidden.bias)  # (d,)
    if model.config.n_h:
        fired = (traced.alive * to_numpy(model.horizontal_bias)).ravel()  # (L * n_h,)
        bias = bias + to_numpy(model.hidden.weight)[:, traced.vertical.size :] @ fired
    return bias * (traced.hidden > 0)


def network_constant(model: Caser, traced: Trace, item: int) -> float:
    """What the network's biases add to an item's score through what is active now."""
    if not model.has_sequence_part:
        return 0.0
    weight, _ = model.item_table()
    return float(to_numpy(weight[item])[: len(traced.hidden)] @ network_bias(model, traced))


@torch.inference_mode()
def user_contribution(model: DotProduct, user: int, item: int) -> float:
    """What the user's row (or the anonymous visitor's) adds to an item's score; 0 without such rows."""
    d = model.user_dimensions
    if not d:
        return 0.0
    row = model.users(torch.tensor([user], device=model.device))[0]  # (d,)
    weight, _ = model.item_table()
    return float(weight[item, -d:] @ row)


@dataclass(frozen=True)
class HorizontalFilter(Record):
    """One horizontal filter and one sequence.

    Attributes:
        height, index: which filter. responses: over every window, before ReLU, the oldest first.
        pooled: the window it kept (the position of its oldest film).
        activation: after ReLU and pooling. alive: whether that is above zero.
        contribution: what the films add to the item's score by way of it, its bias left out.
    """

    height: int
    index: int
    responses: tuple[float, ...]
    pooled: int
    activation: float
    alive: bool
    contribution: float

    @property
    def name(self) -> str:
        return horizontal_name(self.height, self.index)

    def to_dict(self) -> dict[str, Any]:
        """For people: with its name, the filter and the window it kept counted from 1."""
        counted = {"index": self.index + 1, "pooled": self.pooled + 1}
        return {"name": self.name} | super().to_dict() | counted


@dataclass(frozen=True)
class VerticalFilter(Record):
    """One vertical filter: its weight for each position, the oldest first, and what it adds to the item's score."""

    index: int
    weights: tuple[float, ...]
    contribution: float

    @property
    def name(self) -> str:
        return vertical_name(self.index)

    def to_dict(self) -> dict[str, Any]:
        """For people: with its name, counted from 1."""
        return {"name": self.name} | super().to_dict() | {"index": self.index + 1}


@dataclass(frozen=True)
class FilterView(Record):
    """Every filter's part in one item's score: all contributions, `user`, `network` and `constant` add up to it.

    They are the parts of `Contributions`: there the films' part is shared out among the films, here among the filters.
    """

    horizontal: tuple[HorizontalFilter, ...]
    vertical: tuple[VerticalFilter, ...]
    user: float
    network: float
    constant: float

    @property
    def by_horizontal(self) -> float:
        """What the films add by way of all horizontal filters."""
        return sum(f.contribution for f in self.horizontal)

    @property
    def by_vertical(self) -> float:
        """What the films add by way of all vertical filters."""
        return sum(f.contribution for f in self.vertical)

    @property
    def total(self) -> float:
        """The item's score."""
        return self.by_horizontal + self.by_vertical + self.user + self.network + self.constant

    @property
    def printed(self) -> dict[str, float]:
        """The parts "vertical", "horizontal", "user", "network" and "constant" as they are printed: they sum to the
        printed score, and the first two to what `Contributions.printed` gives the films."""
        films, *rest = adding_up([self.by_vertical + self.by_horizontal, self.user, self.network, self.constant])
        kinds = adding_up([self.by_vertical, self.by_horizontal], total=films)
        return dict(zip(("vertical", "horizontal", "user", "network", "constant"), [*kinds, *rest], strict=True))

    @property
    def fired(self) -> tuple[HorizontalFilter, ...]:
        """The horizontal filters that are alive, the largest contribution (either sign) first."""
        return tuple(sorted((f for f in self.horizontal if f.alive), key=lambda f: -abs(f.contribution)))


def filter_view(model: Caser, user: int, history: Sequence[int], item: int) -> FilterView:
    """What every filter did with a history and added to an item's score.

    z is a ReLU, so around the present sequence the score is linear in the filters' outputs: each one's
    output, less its bias, times its derivative adds up to the score exactly. It holds for the present pattern of active
    units; `without` says what switching a filter off really does.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first; the last L are read.
    """
    traced = trace(model, history)
    slope, split_at = feature_slope(model, traced, item), traced.vertical.size
    by_vertical = (traced.vertical * slope[:split_at].reshape(traced.vertical.shape)).sum(1)  # (n_v,)
    bias = to_numpy(model.horizontal_bias) if model.config.n_h else 0.0  # (L, n_h)
    responses = traced.activation - traced.alive * bias  # (L, n_h), what the films alone make of them
    by_horizontal = responses * slope[split_at:].reshape(responses.shape)  # (L, n_h)
    weights = vertical_weights(model)
    return FilterView(
        tuple(_horizontal(traced, h, j, by_horizontal) for h, j in horizontal_filters(model)),
        tuple(VerticalFilter(k, tuple(weights[k].tolist()), float(part)) for k, part in enumerate(by_vertical)),
        user_contribution(model, user, item),
        network_constant(model, traced, item),
        float(to_numpy(model.output_bias[item])),
    )


def _horizontal(traced: Trace, h: int, j: int, contribution: np.ndarray) -> HorizontalFilter:
    cell = h - 1, j
    return HorizontalFilter(
        h,
        j,
        tuple(traced.responses[h - 1][:, j].tolist()),
        int(traced.pooled[cell]),
        float(traced.activation[cell]),
        bool(traced.activation[cell] > 0),
        float(contribution[cell]),
    )


def horizontal_filters(model: Recommender) -> list[tuple[int, int]]:
    """(height, index) of every horizontal filter; [] for a model without any."""
    n_h = model.config.n_h if has_convolutions(model) else 0
    return [(h, j) for h in range(1, model.L + 1) for j in range(n_h)]


def vertical_weights(model: Recommender) -> np.ndarray:
    """float32 (n_v, L): each vertical filter's weight for each position, the oldest first."""
    if not has_convolutions(model) or not model.config.n_v:
        return np.zeros((0, model.L), np.float32)
    return to_numpy(model.vertical[:, 0, :, 0])


def dominant(weights: np.ndarray) -> int | None:
    """The place that holds more than half of a vertical filter's weight; None where none does.

    >>> dominant(np.array([0.35, 0.38, 0.35, 0.25, -0.02])), dominant(np.array([0.1, -0.6, 0.2]))
    (None, 1)
    """
    size = np.abs(weights)
    most = int(size.argmax())
    return most if size[most] > size.sum() / 2 else None


def filter_weights(model: Caser, height: int, index: int) -> np.ndarray:
    """float32 (height, d): a horizontal filter's weights, one row for each film.

    Raises:
        ValueError: no such filter.
    """
    if (height, index) not in horizontal_filters(model):
        n_h = model.config.n_h if has_convolutions(model) else 0
        there = f"it has {n_h} of each height from 1 to {model.L}" if n_h else "it has none"
        raise ValueError(f"this {model.config.name} model has no filter {horizontal_name(height, index)}; {there}")
    return to_numpy(model.horizontal[height - 1][index, 0])


def filter_bias(model: Caser, height: int, index: int) -> float:
    """A horizontal filter's bias."""
    return float(to_numpy(model.horizontal_bias[height - 1, index]))
