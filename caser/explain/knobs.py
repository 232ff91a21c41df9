"""Knobs: a model whose parts, filters and single weights are turned, and what that does to everybody's list.

A setting is written as it stands in an address, "v:0,2b:1.5,V3@2:0.4,2b@1.7:-0.2,who:0.7": everything that is not as
trained, by name. `h`, `v` and `p` are all horizontal filters, all vertical ones and the user's row; `2b` and `V3` are
filters. Their values are factors of what they hand on, -2 to 3. `V3@2` is the weight of a vertical filter for the
second place, `2b@1.7` the cell of a horizontal one in row 1 and column 7, as they are to be. `who` moves the weight
between the films (0) and the user (1), as `caser.explain.explanation.reweigh` does; 0.5 is as trained.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from caser.data.dataset import Split
from caser.evaluation import METRICS, Evaluator, Ranks, mean_defined
from caser.explain.filters import (
    filter_weights,
    horizontal_filters,
    horizontal_name,
    parse_name,
    vertical_name,
    vertical_weights,
)
from caser.explain.records import Record
from caser.models import Recommender

H, V, P, WHO = "h", "v", "p", "who"
LEAST, MOST = -2.0, 3.0  # of a factor
LARGEST = 10.0  # of a single weight, either sign
DIGITS = 3  # of a value, after the point
NORMAL_95 = 1.96
_NUMBER = re.compile(r"[+-]?([0-9]{1,9}(\.[0-9]{0,20})?|\.[0-9]{1,20})")
_RANGES = {WHO: (0.0, 1.0)}


@dataclass(frozen=True)
class Knobs(Record):
    """What is turned in a model.

    Attributes:
        settings: name and value of everything that is not as trained, by name; made by `of`, `parse` or `read`.

    >>> Knobs.of({"v": 0, "2b": 1.5, "h": 1}).text
    '2b:1.5,v:0'
    """

    settings: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Knobs:
        """From values by name; what is as trained is left out.

        Raises:
            ValueError: a name that no model has, or a value outside its range.
        """
        checked = {_named(*_place(name)): round(_within(name, float(value)), DIGITS) for name, value in values.items()}
        return cls(tuple(sorted((name, value + 0.0) for name, value in checked.items() if value != _trained(name))))

    @classmethod
    def parse(cls, text: str, model: Recommender) -> Knobs:
        """From a text; ValueError, with the value and the remedy, if any of it cannot be used in this model."""
        knobs, problems = cls.read(text, model)
        if problems:
            raise ValueError(problems[0])
        return knobs

    @classmethod
    def read(cls, text: str, model: Recommender) -> tuple[Knobs, list[str]]:
        """What of a text can be used in this model, and a sentence for each setting that cannot."""
        values, problems = {}, []
        for setting in filter(None, map(str.strip, text.split(","))):
            try:
                name, value = _setting(setting)
                check(model, name)
                if name in values:
                    raise ValueError(f"{name} is set twice, to {values[name]:g} and {value:g}; set it once")
                values[name] = value
            except ValueError as error:
                problems.append(str(error))
        return cls.of(values), problems

    @property
    def text(self) -> str:
        """As it stands in an address; "" is as trained."""
        return ",".join(f"{name}:{written(value)}" for name, value in self.settings)

    def __bool__(self) -> bool:
        return bool(self.settings)

    def value(self, name: str) -> float:
        """Of a factor or of `who`, as trained where it is not set."""
        return dict(self.settings).get(name, _trained(name))

    def turned(self, name: str, value: float) -> Knobs:
        """With one value changed; ValueError as for `of`."""
        return Knobs.of(dict(self.settings) | {name: value})


def written(value: float) -> str:
    """A value in an address.

    >>> written(1.5), written(-0.0), written(0.25), written(10)
    ('1.5', '0', '0.25', '10')
    """
    return f"{value + 0.0:.{DIGITS}f}".rstrip("0").rstrip(".")


# ---- names: a part (kind,), a filter ("h", height, index) or ("v", index), and a weight of it, counted from 0


@lru_cache(4096)
def _place(name: str) -> tuple:
    """What a name stands for; ValueError if for nothing in any model."""
    if name.strip().lower() in (H, V, P, WHO):
        return (name.strip().lower(),)
    of, at, weight = name.partition("@")
    kind = parse_name(of)
    if not at:
        return kind
    form = r"([0-9]{1,4})\.([0-9]{1,4})" if kind[0] == H else "([0-9]{1,4})"
    numbers = re.fullmatch(form, weight)
    if not numbers:
        usual = f"{of}@1.2 for row 1, column 2" if kind[0] == H else f"{of}@1 for place 1"
        raise ValueError(f"{name[:40]!r} names no weight; write {usual}")
    return *kind, *(int(number) - 1 for number in numbers.groups())


def _named(kind: str, *at: int) -> str:
    """The name of a place."""
    if not at:
        return kind
    filter_at, weight = (at[:2], at[2:]) if kind == H else (at[:1], at[1:])
    name = horizontal_name(*filter_at) if kind == H else vertical_name(*filter_at)
    return name + (f"@{'.'.join(str(number + 1) for number in weight)}" if weight else "")


def _trained(name: str) -> float | None:
    """The value that changes nothing; None for a single weight, where that depends on the model."""
    return 0.5 if name == WHO else None if "@" in name else 1.0


def _within(name: str, value: float) -> float:
    low, high = (-LARGEST, LARGEST) if "@" in name else _RANGES.get(name, (LEAST, MOST))
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:g}; give a number from {low:g} to {high:g}")
    return value


def _setting(text: str) -> tuple[str, float]:
    """The name and the value of one setting."""
    name, colon, value = text.rpartition(":")
    if not colon:
        raise ValueError(f"{text[:40]!r} sets nothing; write a name, a colon and a value, as in V1:0")
    name = _named(*_place(name))
    if not _NUMBER.fullmatch(value.strip()):
        raise ValueError(f"{name} is {value[:40]!r}; give a number, as in {name}:0.5")
    return name, _within(name, float(value))


def check(model: Recommender, name: str) -> None:
    """ValueError if the model does not have what a name stands for."""
    kind, *numbers = _place(name)
    has = {H: horizontal_filters(model), V: len(vertical_weights(model)), P: model.knows_user}
    missing = {H: "horizontal filters", V: "vertical filters", P: "user part", WHO: "two parts to weigh"}[kind]
    if not (has[P] and (has[H] or has[V]) if kind == WHO else has[kind]):
        raise ValueError(f"this {model.config.name} model has no {missing}; leave out {name}")
    if numbers and kind == H:
        height, d = filter_weights(model, *numbers[:2]).shape  # ValueError if there is none
        if not all(0 <= number < most for number, most in zip(numbers[2:], (height, d), strict=False)):
            raise ValueError(f"no weight {name}; rows run from 1 to {height}, columns from 1 to {d}")
    if numbers and kind == V:
        index, *places = numbers
        if index >= has[V]:
            of = f"this {model.config.name} model"
            raise ValueError(f"{of} has no vertical filter {vertical_name(index)}; it has {has[V]}, from V1")
        if not all(0 <= place < model.L for place in places):
            raise ValueError(f"no weight {name}; places run from 1, the oldest, to {model.L}")


# ---- the model with its knobs turned


@torch.no_grad()
def turned(model: Recommender, knobs: Knobs) -> Recommender:
    """A copy of the model with its knobs turned; whatever does not change is shared with it.

    Factors go to the columns of the hidden layer that read the filters and to the users' rows, the anonymous one
    included. `who` is at least 0, so it can go to the hidden layer as well, before its ReLU. Everything that holds
    for a model, such as that contributions add up, so holds for the copy.

    Raises:
        ValueError: the model does not have what is turned.
    """
    for name, _ in knobs.settings:
        check(model, name)
    weights = [(*_place(name), value) for name, value in knobs.settings if "@" in name]
    changed = {f"horizontal.{first - 1}" if kind == H else "vertical" for kind, first, *_ in weights}
    columns, films, user = column_factors(model, knobs), films_factor(knobs), user_factor(knobs)
    if (columns != 1).any() or films != 1:
        changed |= {"hidden.weight", "hidden.bias"}
    if user != 1:
        changed |= {"users.weight"}
    twin = _twin(model, changed)
    if "hidden.weight" in changed:
        twin.hidden.weight *= films * columns  # (d, n_features)
        twin.hidden.bias *= films
    if user != 1:
        twin.users.weight *= user
    for kind, *numbers, value in weights:
        if kind == H:
            height, index, row, column = numbers
            twin.horizontal[height - 1][index, 0, row, column] = value
        else:
            index, place = numbers
            twin.vertical[index, 0, place, 0] = value
    return twin


def column_factors(model: Recommender, knobs: Knobs) -> Tensor:
    """float (n_v * d + n_h * L,): the factor of each feature, [vertical ; horizontal]; (0,) without filters."""
    vertical = [knobs.value(V) * knobs.value(vertical_name(k)) for k in range(len(vertical_weights(model)))]
    horizontal = [knobs.value(H) * knobs.value(horizontal_name(*at)) for at in horizontal_filters(model)]
    repeated = np.repeat(vertical, model.config.d) if vertical else []
    return torch.tensor([*repeated, *horizontal], dtype=torch.float32, device=model.device)


def films_factor(knobs: Knobs) -> float:
    """What `who` makes of the sequence part."""
    return 2 * (1 - knobs.value(WHO))


def user_factor(knobs: Knobs) -> float:
    """What `who` and `p` make of the user part."""
    return 2 * knobs.value(WHO) * knobs.value(P)


def _twin(model: Recommender, changed: Collection[str]) -> Recommender:
    """A copy that has parameters of its own, by name, and shares all others."""
    parts = [(name, part) for name, part in model.named_modules() if name]
    whole = [part for name, part in parts if not any(one.startswith(f"{name}.") for one in changed)]
    tensors = [*model.named_parameters(), *model.named_buffers()]
    shared = [*whole, *(tensor for name, tensor in tensors if name not in changed)]
    return copy.deepcopy(model, {id(part): part for part in shared})


# ---- for all viewers


@dataclass(frozen=True)
class KnobEffect(Record):
    """What turning knobs does to the metrics.

    Attributes:
        users: how many were ranked. everybody: how many there are with a held-out item.
        whole: the model's own means by metric. change, margin: as `changes` gives them.
    """

    users: int
    everybody: int
    whole: dict[str, float]
    change: dict[str, float]
    margin: dict[str, float]

    def sure(self, metric: str) -> bool:
        """Whether the change of a metric is more than chance."""
        return abs(self.change[metric]) > self.margin[metric]


def effect(
    model: Recommender,
    knobs: Knobs,
    split: Split,
    whole: Ranks | None = None,
    on_share: Callable[[float], None] = lambda share: None,
) -> KnobEffect:
    """What turning knobs does to the metrics over the test users.

    Args:
        whole: the model's own test ranks, which also say for which users; None ranks all with the model first.
        on_share: called with the share that is done; an exception it raises ends the work.

    Raises:
        ValueError: the model does not have what is turned.
    """
    twin, ranked = turned(model, knobs), 0.0
    if whole is None:
        whole, ranked = Evaluator(split, "test", model.device)(model, lambda share: on_share(share / 2)), 0.5
    evaluator = Evaluator(split, "test", model.device, whole.users)
    ranks = evaluator(twin, lambda share: on_share(ranked + share * (1 - ranked)))
    return KnobEffect(len(whole.users), len(split.evaluated), whole.means(), *changes(ranks, whole))


def changes(ranks: Ranks, whole: Ranks) -> tuple[dict[str, float], dict[str, float]]:
    """The change of every metric, paired by user, and half the width of its 95 % interval (normal approximation).

    A change smaller than that may be chance; nan where a metric is undefined for all.
    """
    paired = {name: ranks.metrics[name] - whole.metrics[name] for name in METRICS}  # (n_users,) each
    defined = {name: values[~np.isnan(values)] for name, values in paired.items()}
    return (
        {name: mean_defined(values) for name, values in paired.items()},
        {name: _margin(values) for name, values in defined.items()},
    )


def _margin(values: np.ndarray) -> float:
    return float(NORMAL_95 * values.std() / np.sqrt(len(values))) if len(values) else float("nan")
