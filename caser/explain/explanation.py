"""Why this film: what each recent film, their order, the filters and the user add to one score.

Contributions and filter views hold for Caser (and, trivially, for models that read no sequence);
`caser.explain.counterfactual` holds for every model. None of it is causal: it says what the model did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from caser.data.dataset import Dataset
from caser.explain.counterfactual import OrderEffect, Shapley, order_effect, scores_of, shapley
from caser.explain.filters import (
    FilterView,
    Trace,
    feature_slope,
    filter_view,
    has_convolutions,
    hidden_constant,
    trace,
    user_contribution,
)
from caser.explain.records import Film, Record, film, plain
from caser.models import ANONYMOUS, Caser, DotProduct, Recommender
from caser.recommend import to_numpy, window


@dataclass(frozen=True)
class Contributions(Record):
    """A score taken apart: `positions`, `user` and `constant` add up to it.

    Attributes:
        positions: one for each position of the window, the oldest first; exactly 0 at padding.
        user: what the user's row adds. anonymous: whether that is the anonymous visitor's row.
        constant: the biases' part.
    """

    positions: tuple[float, ...]
    user: float
    anonymous: bool
    constant: float

    @property
    def total(self) -> float:
        """The score."""
        return sum(self.positions) + self.user + self.constant


def has_user_part(model: Recommender) -> bool:
    """Whether a score is a sum of what the user adds and the rest."""
    return isinstance(model, DotProduct) and model.user_dimensions > 0


def can_be_taken_apart(model: Recommender) -> bool:
    """Whether a score is exactly a sum of one part for each film, the user's part and a constant."""
    return has_convolutions(model) or (isinstance(model, DotProduct) and model.L == 0)


def contributions(model: Recommender, user: int, history: Sequence[int], item: int) -> Contributions:
    """What each recent film adds to an item's score: gradient x input, exact for ReLU and max pooling.

    For a fixed pattern of active units and pooled windows Caser is linear in the rows of E, so nothing
    is left over (Shrikumar et al. 2016 on gradient x input). A model that reads no sequence has only
    a user part and a constant.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first; the last L are read.

    Raises:
        ValueError: the model is neither; `shapley` holds for every model.
    """
    if not can_be_taken_apart(model):
        raise ValueError(f"the {model.config.name} model's scores are not linear in its films; ask for Shapley values")
    by_user = user_contribution(model, user, item)
    if has_convolutions(model):
        traced = trace(model, history)
        gradient = embedding_gradient(model, traced, item)  # (L, d)
        positions = (gradient * traced.embedding).sum(1)  # (L,)
        constant = _constant(model, traced, item)
    else:
        positions, constant = np.zeros(0), float(scores_of(model, user, window(model, history), item)[0]) - by_user
    return Contributions(tuple(positions.tolist()), by_user, user == ANONYMOUS, constant)


def embedding_gradient(model: Caser, traced: Trace, item: int) -> np.ndarray:
    """float32 (L, d): the derivative of an item's score by E, in closed form."""
    slope, config = feature_slope(model, traced, item), model.config
    split_at = traced.vertical.size
    gradient = np.zeros_like(traced.embedding)  # (L, d)
    if config.n_v:
        gradient += to_numpy(model.vertical[:, 0, :, 0]).T @ slope[:split_at].reshape(config.n_v, config.d)
    horizontal = slope[split_at:].reshape(traced.activation.shape) * traced.alive  # (L, n_h)
    for h, (weight, response) in enumerate(zip(horizontal, traced.responses, strict=True) if config.n_h else (), 1):
        kept = response == response.max(0)  # (L - h + 1, n_h); windows that tie, as a film twice does, share
        share = kept / kept.sum(0) * weight  # (L - h + 1, n_h)
        seen = np.tensordot(share, to_numpy(model.horizontal[h - 1][:, 0]), 1)  # (L - h + 1, h, d)
        np.add.at(gradient, np.arange(len(share))[:, None] + np.arange(h), seen)
    return gradient


def _constant(model: Caser, traced: Trace, item: int) -> float:
    constant = hidden_constant(model, traced, item) + float(to_numpy(model.output_bias[item]))
    if model.config.n_h:
        slope = feature_slope(model, traced, item)[traced.vertical.size :].reshape(traced.activation.shape)  # (L, n_h)
        constant += float((slope * traced.alive * to_numpy(model.horizontal_bias)).sum())
    return constant


@dataclass(frozen=True, eq=False)
class Parts(Record):
    """Every item's score in three parts, float32 (n_items,) each, that add up to it.

    Attributes:
        sequence: what you have been doing. user: who you are. bias: the item's own.
    """

    sequence: np.ndarray
    user: np.ndarray
    bias: np.ndarray


@torch.inference_mode()
def parts(model: DotProduct, user: int, history: Sequence[int]) -> Parts:
    """The scores of the whole catalogue in parts: W'_i . z, W'_i . P_u and b'_i (equation 9 of the paper)."""
    query = model.query(torch.tensor([user], device=model.device), window(model, history))[0]  # (k,)
    weight, bias = model.item_table()
    split_at = len(query) - model.user_dimensions
    first = to_numpy(weight[:, :split_at] @ query[:split_at])  # (n_items,)
    by_user = to_numpy(weight[:, split_at:] @ query[split_at:])  # (n_items,)
    return Parts(first, by_user, to_numpy(bias))


def reweigh(parts: Parts, who: float) -> np.ndarray:
    """Scores with the weight moved between what you have been doing and who you are, no model asked.

    The sequence part counts 2 (1 - who) times, the user part 2 who times, the bias once: 0.5 gives the
    model's own scores, 0 leaves the user out, 1 leaves the sequence out.

    Returns:
        float32 (n_items,).

    Raises:
        ValueError: who outside [0, 1].
    """
    if not 0 <= who <= 1:
        raise ValueError(f"who is {who}; it must lie between 0 (only what you do) and 1 (only who you are)")
    return np.float32(2 * (1 - who)) * parts.sequence + np.float32(2 * who) * parts.user + parts.bias


@dataclass(frozen=True)
class Explanation(Record):
    """Everything said about one film for one user and history.

    Attributes:
        item: the film explained. user: dense id or ANONYMOUS. score: its score.
        films: what is at each position of the window, the oldest first; None is padding.
        contributions: None where the model's scores cannot be taken apart exactly.
        shapley, order_effect: as these functions return them.
        filters: None for a model without filters.
    """

    item: Film
    user: int
    score: float
    films: tuple[Film | None, ...]
    contributions: Contributions | None
    shapley: Shapley
    order_effect: OrderEffect
    filters: FilterView | None

    def to_dict(self) -> dict[str, Any]:
        """JSON: values by position come with their film and leave padding out; of the horizontal filters
        those that fired, the largest contribution first."""
        return {
            "item": self.item.to_dict(),
            "user": None if self.user == ANONYMOUS else self.user,
            "score": self.score,
            "contributions": self._contributions(),
            "shapley": self.shapley.to_dict() | {"values": self._by_film(self.shapley.values, self.shapley.margin)},
            "order_effect": self.order_effect.to_dict(),
            "filters": self._filters(),
        }

    def _by_film(self, values: Sequence[float], margins: Sequence[float] = ()) -> list[dict]:
        films = ((at, f) for at, f in enumerate(self.films) if f)
        margin = (lambda at: {"margin": margins[at]}) if any(margins) else (lambda at: {})
        return [{"position": at} | plain(f) | {"value": values[at]} | margin(at) for at, f in films]

    def _contributions(self) -> dict | None:
        parts = self.contributions
        return parts and parts.to_dict() | {"positions": self._by_film(parts.positions)}

    def _filters(self) -> dict[str, Any]:
        view = self.filters
        return {
            "horizontal": plain(view.fired) if view else [],
            "vertical": plain(view.vertical) if view else [],
        }


def explain(model: Recommender, dataset: Dataset, user: int, history: Sequence[int], item: int) -> Explanation:
    """Why an item gets its score after a history.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first; the last L are read.
        item: dense id, in the history or not.

    Raises:
        ValueError: an item or user that is not there.
    """
    _check(model, user, item)
    sequence = to_numpy(window(model, history)[0])  # (L,)
    order = order_effect(model, user, history, item)
    return Explanation(
        film(dataset, item),
        user,
        order.score,
        tuple(film(dataset, i) if i < model.n_items else None for i in sequence),
        contributions(model, user, history, item) if can_be_taken_apart(model) else None,
        shapley(model, user, history, item),
        order,
        filter_view(model, user, history, item) if has_convolutions(model) else None,
    )


def _check(model: Recommender, user: int, item: int) -> None:
    if not 0 <= item < model.n_items:
        raise ValueError(f"no item {item} in a catalogue of {model.n_items}; give a dense id from 0")
    if user != ANONYMOUS and not 0 <= user < model.n_users:
        raise ValueError(f"no user {user} among {model.n_users}; give a dense id from 0, or ANONYMOUS")
