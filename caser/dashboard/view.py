"""A selection with everything it names: data, history, and the two models to compare."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, names, selection
from caser.dashboard.lineup import Contender, contenders
from caser.dashboard.selection import Selection
from caser.data.dataset import Dataset, Split
from caser.field.cases import SEQUENCE_LENGTH
from caser.listing.narrowing import Narrowing
from caser.models import ANONYMOUS
from caser.recommend import not_listed
from caser.words import W


@dataclass(frozen=True, eq=False)
class View:
    """A selection with everything it names.

    Attributes:
        trained: the model picked; None where there is none.
        pair: the model picked and the one to compare it with, as far as there are any.
        user: dense, or `ANONYMOUS` for a custom sequence.
        history: dense items watched so far, oldest first.
        target: dense, the film that this user watched next; None where nothing was held out.
    """

    selection: Selection
    dataset: Dataset
    split: Split
    trained: Checkpoint | None
    pair: tuple[Contender, ...]
    user: int
    history: list[int]
    target: int | None

    @property
    def anonymous(self) -> bool:
        return self.user == ANONYMOUS

    @property
    def name(self) -> str:
        """The model's name on screen."""
        return self.pair[0].name if self.pair else ""

    @property
    def rival(self) -> Contender | None:
        """The model to compare the picked one with; None where there is no other."""
        return self.pair[1] if len(self.pair) > 1 else None

    @property
    def who(self) -> str:
        """The viewer in words."""
        if self.anonymous:
            return "a new visitor"
        name = names.literal(self.dataset.user_name(self.user))  # outside text: `plain` before it is Markdown
        return f"{'simulated viewer' if self.dataset.simulated else W.viewer} {name}"

    @property
    def window(self) -> list[int]:
        """The last films of the history, as many as the model reads."""
        reads = self.trained.model.L if self.trained else SEQUENCE_LENGTH
        return self.history[-reads:] if reads else []

    @property
    def held_out(self) -> list[int]:
        """The target, if there is one."""
        return [] if self.target is None else [self.target]

    @property
    def left_out(self) -> list[int]:
        """Films that are not ranked."""
        return [] if self.selection.rewatch else self.history

    @cached_property
    def problem(self) -> str:
        """Why nothing is left to list, and what to do; empty where something is."""
        return self.selection.narrowing.nothing_left(self.dataset, self.left_out)

    @property
    def narrowing(self) -> Narrowing | None:
        """What the list may hold; None where it is not narrowed, or nothing would be left."""
        return self.selection.narrowing if self.selection.narrowing and not self.problem else None

    @cached_property
    def not_listed(self) -> np.ndarray:
        """int64, the films that are not ranked and those that the list is narrowed by."""
        return not_listed(self.dataset, self.left_out, self.narrowing)


def look_at(chosen: Selection) -> View:
    """The selection with its data, models and history."""
    dataset = loaders.dataset(chosen.dataset)
    trained = loaders.trained(chosen.model) if chosen.model else None
    split = loaders.split(chosen.dataset, trained.metadata.ties if trained else "first")
    rival = selection.rival_of(chosen)
    models = [one for one in (trained, loaders.trained(rival) if rival else None) if one]
    pair = tuple(contenders(models))
    if chosen.sequence is not None:
        history = [dataset.item_index(item) for item in chosen.sequence]
        return View(chosen, dataset, split, trained, pair, ANONYMOUS, history, None)
    user = dataset.user_index(chosen.user)
    end = split.end("test")[user]
    target = int(split.item[end]) if end < dataset.offset[user + 1] else None
    return View(chosen, dataset, split, trained, pair, user, split.history(user).tolist(), target)
