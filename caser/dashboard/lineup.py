"""Models to hold against each other: a list made once, which every page draws from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from caser.checkpoint import Checkpoint
from caser.config import preset
from caser.dashboard import loaders, names, theme
from caser.dashboard.loaders import kept
from caser.dashboard.theme import Look
from caser.data.dataset import Split
from caser.data.histories import Histories
from caser.field.entrants import screen_names
from caser.models import Popularity, Recommender, build


@dataclass(frozen=True, eq=False)
class Contender:
    """One model of a line-up.

    Attributes:
        name: on screen, its own within the line-up. look: how it is drawn.
        model: in eval mode. checkpoint: where it comes from; None for popularity, which is counted on the spot.
    """

    name: str
    look: Look
    model: Recommender
    checkpoint: Checkpoint | None = None

    @property
    def signed(self) -> str:
        """Its name behind its sign, as Markdown."""
        return f"{self.look.sign} **{names.plain(self.name)}**"

    @property
    def gives_chances(self) -> bool:
        """Whether it was trained with a softmax, so that its scores can become chances."""
        return bool(
            self.checkpoint and self.model.learns and self.checkpoint.metadata.config.training.loss == "softmax"
        )

    @property
    def temperature(self) -> float | None:
        """What its scores are divided by before they become chances; None where they never do."""
        return self.checkpoint.metadata.temperature if self.checkpoint else None

    @property
    def key(self) -> str:
        """What its results are cached by, on one split."""
        if self.checkpoint is None:
            return self.model.config.name
        return (
            f"{self.checkpoint.metadata.weights_sha256} {sorted(self.checkpoint.seeds)}"  # the others are measured, too
        )


@kept(max_entries=3)
def popularity(split: Split) -> Recommender:
    """The popularity model, which counts instead of training."""
    model = build(preset(Popularity.Config.name).model, split.dataset.n_users, split.dataset.n_items)
    model.observe(*Histories(split, "test").visible())
    return model.eval().requires_grad_(False)


def lineup(trained: Checkpoint, split: Split) -> tuple[Contender, ...]:
    """The model picked, all models it can be compared with, and popularity."""
    models = contenders([trained, *map(loaders.trained, loaders.rivals(trained.name))])
    if not any(isinstance(one.model, Popularity) for one in models):
        kind = Popularity.Config.name
        models.append(Contender(names.model(kind), theme.look(kind), popularity(split)))
    return tuple(models)


def contenders(models: Sequence[Checkpoint]) -> list[Contender]:
    """Checkpoints as contenders; those of one kind are called by their own names and drawn apart."""
    kinds = [one.metadata.config.model.name for one in models]
    return [
        Contender(name, theme.look(kind, kinds[:at].count(kind)), one.model, one)
        for at, (name, kind, one) in enumerate(zip(screen_names(models), kinds, models, strict=True))
    ]
