"""What curves are worth: a model whose curves are changed, ranked for the same viewers, nothing trained anew.

A group's worth is read beside what takes the shapes away and leaves everything else: the curves dealt out anew among a
layer's dimensions, and one curve for all of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from caser.data.dataset import Split
from caser.evaluation import Evaluator, Ranks
from caser.explain.curves.shapes import Group, groups
from caser.explain.knobs import changes
from caser.explain.records import Record
from caser.models import Recommender

OFF, DEALT, ONE = "switched off", "dealt out anew", "one for all"
DEALS = 5  # random orders, whose ranks count together
FEWEST = 3  # curves of a shape whose worth is asked
REACHES = (1, 2, 3, 5, 10, 20, 50)  # films read


@dataclass(frozen=True)
class Effect(Record):
    """What a change does to the metrics over the test viewers.

    Attributes:
        name: `OFF`, `DEALT`, `ONE`, or a layer, counted from 1, and a shape.
        change, margin: as `knobs.changes` gives them.
    """

    name: str
    change: dict[str, float]
    margin: dict[str, float]

    def sure(self, metric: str) -> bool:
        """Whether the change of a metric is more than chance."""
        return abs(self.change[metric]) > self.margin[metric]


@dataclass(frozen=True)
class CurveEffects(Record):
    """Of the whole model the metrics; of each change what it does.

    Attributes:
        reach: the metrics by how many of the last films are read.
    """

    users: int
    whole: dict[str, float]
    changed: tuple[Effect, ...]
    reach: dict[int, dict[str, float]]

    def of(self, name: str) -> Effect:
        """The change of that name."""
        return next(effect for effect in self.changed if effect.name == name)


def name_of(group: Group) -> str:
    """A group in the list of effects."""
    return f"layer {group.layer + 1} {group.shape}"


def curve_effects(model: Recommender, split: Split, on_share: Callable[[float], None] | None = None) -> CurveEffects:
    """Everything that is asked of the curves, over the test viewers.

    Args:
        on_share: called with the share that is done; an exception it raises ends the work.
    """
    shapes, reaches = groups(model, FEWEST), [n for n in REACHES if n < model.L]
    evaluator, steps = Evaluator(split, "test", model.device), 3 + DEALS + len(shapes) + len(reaches)
    done = 0

    def ranked(changed: Recommender) -> Ranks:
        nonlocal done
        ranks = evaluator(changed, on_share and (lambda share: on_share((done + share) / steps)))
        done += 1
        return ranks

    whole = ranked(model)
    dealt = [ranked(with_curves(model, lambda weights, seed=seed: _dealt(weights, seed))) for seed in range(DEALS)]
    changed = [
        Effect(OFF, *changes(ranked(with_curves(model, torch.zeros_like)), whole)),
        Effect(DEALT, *_together(dealt, whole)),
        Effect(ONE, *changes(ranked(with_curves(model, lambda weights: weights.mean(0).expand_as(weights))), whole)),
        *(Effect(name_of(group), *changes(ranked(without(model, group)), whole)) for group in shapes),
    ]
    reach = {n: ranked(Nearsighted(model, n)).means() for n in reaches} | {model.L: whole.means()}
    return CurveEffects(len(whole.users), whole.means(), tuple(changed), reach)


def with_curves(model: Recommender, change: Callable[[Tensor], Tensor]) -> Recommender:
    """A copy of the model whose layers' curves, float (d, K) each, are changed."""
    twin = copy.deepcopy(model)
    with torch.no_grad():
        for weights in twin.curve_weights():
            weights.copy_(change(weights.clone()))
    return twin


def without(model: Recommender, group: Group) -> Recommender:
    """A copy of the model in which a group's curves are zero: what those dimensions held of other films is not read."""
    twin = copy.deepcopy(model)
    with torch.no_grad():
        twin.curve_weights()[group.layer][group.dimensions] = 0.0
    return twin


def _dealt(weights: Tensor, seed: int) -> Tensor:
    order = np.random.default_rng(seed).permutation(len(weights))
    return weights[torch.as_tensor(order, device=weights.device)]


def _together(several: list[Ranks], whole: Ranks) -> tuple[dict[str, float], dict[str, float]]:
    """The mean change over random orders; of the margins the widest, for the same viewers stand behind all."""
    both = [changes(ranks, whole) for ranks in several]
    return (
        {name: float(np.mean([change[name] for change, _ in both])) for name in both[0][0]},
        {name: max(margin[name] for _, margin in both) for name in both[0][1]},
    )


class Nearsighted(Recommender):
    """A model that is given the last n films alone."""

    def __init__(self, model: Recommender, n: int):
        super().__init__(model.config, model.n_users, model.n_items)
        self.model, self.L = model, n

    def scores(self, users: Tensor, sequences: Tensor, items: Tensor | None = None) -> Tensor:
        return self.model.scores(users, self.fit_window(sequences), items)
