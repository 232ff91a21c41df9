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
    network_bias,
    network_constant,
    trace,
    user_contribution,
)
from caser.explain.records import Film, Record, adding_up, film, plain
from caser.models import ANONYMOUS, Caser, DotProduct, Recommender
from caser.recommend import to_numpy, window


@dataclass(frozen=True)
class Contributions(Record):
    """A score taken apart: `positions`, `user`, `network` and `constant` add up to it.

    Attributes:
        positions: one for each position of the window, the oldest first; exactly 0 at padding.
        user: what the user's row adds. anonymous: whether that is the anonymous visitor's row.
        network: what the biases of the filters and of the hidden layer add, through what is active now.
        constant: the item's own, b'_i.
    """

    positions: tuple[float, ...]
    user: float
    anonymous: bool
    network: float
    constant: float

    @property
    def total(self) -> float:
        """The score."""
        return sum(self.positions) + self.user + self.network + self.constant

    @property
    def printed(self) -> Contributions:
        """The parts as they are printed: rounded once, so that every sum of them is the same wherever it stands."""
        films, *rest = adding_up([sum(self.positions), self.user, self.network, self.constant])
        positions = adding_up(self.positions, total=films) if self.positions else []
        return Contributions(tuple(positions), rest[0], self.anonymous, *rest[1:])


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
    a user part and a constant. `filter_view` shares the same films' part out among the filters.

    Args:
        user: dense id or ANONYMOUS. history: dense ids, oldest first; the last L are read.

    Raises:
        ValueError: the model is neither; `shapley` holds for every model.
    """
    if not can_be_taken_apart(model):
        raise ValueError(f"the {model.config.name} model's scores are not linear in its films; use Shapley values")
    by_user = user_contribution(model, user, item)
    if has_convolutions(model):
        traced = trace(model, history)
        gradient = embedding_gradient(model, traced, item)  # (L, d)
        positions = (gradient * traced.embedding).sum(1)  # (L,)
        network, constant = network_constant(model, traced, item), float(to_numpy(model.output_bias[item]))
    else:
        positions, network = np.zeros(0), 0.0
        constant = float(scores_of(model, user, window(model, history), item)[0]) - by_user
    return Contributions(tuple(positions.tolist()), by_user, user == ANONYMOUS, network, constant)


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


@dataclass(frozen=True, eq=False)
class Parts(Record):
    """Every item's score in four parts, float32 (n_items,) each, that add up to it; those of `Contributions`.

    Attributes:
        films: what was watched. network: what the network's biases add through what the films switch on.
        user: who you are. bias: the item's own.
    """

    films: np.ndarray
    network: np.ndarray
    user: np.ndarray
    bias: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """float32 (n_items,): their sum."""
        return self.films + self.network + self.user + self.bias


@torch.inference_mode()
def parts(model: DotProduct, user: int, history: Sequence[int]) -> Parts:
    """The scores of the whole catalogue in parts: W'_i . z, W'_i . P_u and b'_i (equation 9 of the paper)."""
    query = model.query(torch.tensor([user], device=model.device), window(model, history))[0]  # (k,)
    weight, bias = model.item_table()
    split_at = len(query) - model.user_dimensions
    constant = torch.zeros_like(query[:split_at])
    if has_convolutions(model) and model.has_sequence_part:
        constant = torch.as_tensor(network_bias(model, trace(model, history)), device=model.device)  # (d,)
    films, network = ((weight[:, :split_at] @ part) for part in (query[:split_at] - constant, constant))  # (n_items,)
    by_user = weight[:, split_at:] @ query[split_at:]  # (n_items,)
    return Parts(*map(to_numpy, (films, network, by_user, bias)))


def weigh(parts: Parts, who: float) -> Parts:
    """The parts with the weight moved between what you have been doing and who you are, no model asked.

    The sequence part counts 2 (1 - who) times, the user part 2 who times, the bias once: 0.5 gives the
    model's own parts, 0 leaves the user out, 1 leaves the sequence out.

    Raises:
        ValueError: who outside [0, 1].
    """
    if not 0 <= who <= 1:
        raise ValueError(f"who is {who}; it must lie between 0 (only what you do) and 1 (only who you are)")
    doing, being = np.float32(2 * (1 - who)), np.float32(2 * who)
    return Parts(doing * parts.films, doing * parts.network, being * parts.user, parts.bias)


def reweigh(parts: Parts, who: float) -> np.ndarray:
    """float32 (n_items,): the scores that `weigh` makes of the parts; ValueError as there."""
    return weigh(parts, who).scores


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
        """JSON: values by position, from 1, come with their film and leave padding out; of the horizontal filters
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
        return [{"position": at + 1} | plain(f) | {"value": values[at]} | margin(at) for at, f in films]

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
