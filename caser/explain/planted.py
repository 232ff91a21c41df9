"""Which horizontal filter has each pattern that was planted in simulated viewers, beside random filters.

A filter has a pattern if its rows seek what sets it off, in the place where that counts, and what it passes on raises
the films that come next because of it. Rows are taken at their names, which have to beat random filters; and of sets of
as many random filters next to none may have the pattern as clearly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from caser.data import cinema
from caser.data.cinema import Planted
from caser.data.dataset import Split
from caser.explain.concepts import ConceptTest, Filters, RowName, concept_test_of, random_row_names
from caser.explain.filters import horizontal_name
from caser.explain.random_filters import SIGNIFICANCE
from caser.explain.records import Record
from caser.explain.stability import answers, real_windows
from caser.models import Caser
from caser.recommend import to_numpy

SETS = 100  # of as many random filters as the model has
WINDOWS = 1_000  # real windows that a filter's effect is read from
QUICK = 200  # permutations, for a test after every epoch


@dataclass(frozen=True)
class Pattern(Record):
    """A planted pattern, and the horizontal filter that has it.

    Attributes:
        name, rule: of the pattern. at: (height, index) of the filter; None where none has it beyond chance.
        share: held out, the smallest of its rows that must seek something. chance: the share of sets of random filters
            with one as clear. adds: to the score of a film the pattern calls for, beyond what it adds to others, on
            average where the pattern is on. All 0, 1 and 0 where no filter of the model comes near it.
    """

    name: str
    rule: str
    at: tuple[int, int] | None = None
    share: float = 0.0
    chance: float = 1.0
    adds: float = 0.0

    @property
    def filter(self) -> str:
        """What the filter is called; "" without one."""
        return horizontal_name(*self.at) if self.at else ""


def patterns(model: Caser, split: Split, test: ConceptTest) -> tuple[Pattern, ...]:
    """Every planted pattern of a data set with the filter that has it; () where nothing was planted.

    Args:
        test: of the model's own filters, on the same split.
    """
    rows = to_numpy(model.items.weight) if test.filters else np.zeros((0, 0))
    planted, sought = cinema.planted(split.dataset), seeking(rows, split, test)
    return tuple(_adding(model, split, *both) for both in zip(planted, sought, strict=True))


def seeking(rows: np.ndarray, split: Split, test: ConceptTest) -> tuple[Pattern, ...]:
    """The filter that seeks what sets each planted pattern off; what it then calls for takes a whole model.

    Args:
        rows: float (at least n_items, d), the films' vectors. test: of the filters that read them, on the same split.
    """
    planted = cinema.planted(split.dataset)
    if not planted or not test.filters or test.held_out is None:
        return tuple(Pattern(pattern.name, pattern.rule) for pattern in planted)
    names = {at: test.row_names(*at) for at in test.filters}
    best = [max(names, key=lambda at: clearness(pattern, names[at])) for pattern in planted]
    near = [clearness(pattern, names[nearest]) for pattern, nearest in zip(planted, best, strict=True)]
    random = np.zeros((SETS, len(planted)))
    for drawn, others in enumerate(random_row_names(rows, split, test, SETS) if any(near) else ()):
        random[drawn] = [max(clearness(pattern, row) for row in others.values()) for pattern in planted]
    chance = (1 + (random >= near).sum(0)) / (1 + SETS)
    level = SIGNIFICANCE / len(planted)  # for all patterns together
    return tuple(
        Pattern(pattern.name, pattern.rule, nearest if by_chance < level else None, share, by_chance)
        if share
        else Pattern(pattern.name, pattern.rule)
        for pattern, nearest, share, by_chance in zip(planted, best, near, chance.tolist(), strict=True)
    )


def _adding(model: Caser, split: Split, wanted: Planted, pattern: Pattern) -> Pattern:
    """The pattern with what its filter adds to the films it calls for; without the filter where that is nothing."""
    if pattern.at is None:
        return pattern
    adds = _adds(model, split, wanted, *pattern.at)
    return replace(pattern, at=pattern.at if adds > 0 else None, adds=adds)


def clearness(wanted: Planted, rows: Sequence[RowName | None]) -> float:
    """How clearly a filter's rows seek what sets a pattern off, where they must: the least share; 0 if they do not."""
    sought = [(row.text, row.share) if row and _sets_off(wanted, row) else ("", 0.0) for row in rows]
    if not wanted.rows:
        return max(share for _, share in sought)
    if len(rows) < 2:
        return 0.0
    texts = {sought[at][0] for at in wanted.rows}
    if len(texts) > 1 or any(sought[at][0] in texts for at in {-1, -2} - set(wanted.rows)):
        return 0.0
    return min(sought[at][1] for at in wanted.rows)


def _sets_off(wanted: Planted, row: RowName) -> bool:
    return row.concept.group == wanted.group and row.text == row.concept.seeks and wanted.seeks in (None, row.text)


@torch.inference_mode()
def _adds(model: Caser, split: Split, wanted: Planted, height: int, index: int) -> float:
    """What a filter adds to a film that the pattern calls for, beyond what it adds to others, where it is on."""
    windows = real_windows(split, model.L, WINDOWS)  # (B, L)
    called = wanted.calls(windows)  # (B, n_items)
    on = called.any(1) & ~called.all(1)
    if not on.any():
        return 0.0
    windows, called, d = windows[on], called[on], model.config.d
    fires = answers(model, windows)[:, (height - 1) * model.config.n_h + index]  # (B,)
    E = model.embed(torch.as_tensor(windows, device=model.device))
    active = to_numpy(model.hidden(model.features(E)) > 0)  # (B, d)
    column = to_numpy(model.hidden.weight)[:, model.config.n_v * d + (height - 1) * model.config.n_h + index]  # (d,)
    slope = (active * column) @ to_numpy(model.item_table()[0])[:, :d].T  # (B, n_items)
    added = fires[:, None] * slope
    apart = (added * called).sum(1) / called.sum(1) - (added * ~called).sum(1) / (~called).sum(1)
    return float(apart.mean())


# ---- after an epoch: from the weights kept of it, without the model they were part of


@dataclass(frozen=True)
class Formed:
    """What the filters of one epoch look for.

    Attributes:
        names: by (height, index), of the horizontal filters whose names beat random filters.
        planted: by rule of a planted pattern, what the filter is called that seeks it; "" where none does.
    """

    names: Mapping[tuple[int, int], str] = field(default_factory=dict)
    planted: Mapping[str, str] = field(default_factory=dict)


def filters_of(snapshot: Mapping[str, Tensor]) -> Filters:
    """float32 (height, d) of every horizontal filter, by (height, index)."""
    heights = sorted(int(name.partition(".")[2]) + 1 for name in snapshot if name.startswith("horizontal."))
    weights = {height: to_numpy(snapshot[f"horizontal.{height - 1}"][:, 0].float()) for height in heights}
    return {(height, index): one for height, some in weights.items() for index, one in enumerate(some)}


def blends_of(snapshot: Mapping[str, Tensor]) -> np.ndarray:
    """float32 (n_v, L): the vertical filters, one weight for each place."""
    if "vertical" not in snapshot:
        return np.zeros((0, 0), np.float32)
    return to_numpy(snapshot["vertical"][:, 0, :, 0].float())


def formed(snapshot: Mapping[str, Tensor], split: Split) -> Formed:
    """What the filters of a snapshot look for; nothing where it lacks them, or the films' vectors."""
    filters = filters_of(snapshot)
    if not filters or "items.weight" not in snapshot:
        return Formed()
    rows = to_numpy(snapshot["items.weight"].float())
    test = concept_test_of(filters, rows, split, QUICK)
    named = {at: test.name(split, *at) for at in filters}
    return Formed(
        {at: name.text for at, name in named.items() if name.named},
        {pattern.rule: pattern.filter for pattern in seeking(rows, split, test)},
    )
