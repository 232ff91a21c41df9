"""The models that are compared: what each is called, and where it ranked the test items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from caser.checkpoint import Checkpoint
from caser.data.dataset import Split, evenly
from caser.evaluation import Evaluator, Ranks
from caser.models import MODELS

MOST_COMPARED = 10_000  # users; of a larger set so many are drawn, the same for every model


@dataclass(frozen=True, eq=False)
class Entrant:
    """One model of a comparison.

    Attributes:
        name: as shown, its own among those compared. kind: its configuration's name.
        ranks: of every user's test item. seeds: the same of every training with the same settings, by seed, the one
            shown among them; {} if there is only one. learns: whether another seed would give another model.
    """

    name: str
    kind: str
    ranks: Ranks
    seeds: dict[int, Ranks] = field(default_factory=dict)
    learns: bool = True


def compared_users(split: Split) -> np.ndarray:
    """int64, ascending: the users that models are compared on."""
    return evenly(split.evaluated, MOST_COMPARED)


def screen_names(models: Sequence[Checkpoint]) -> list[str]:
    """What checkpoints are called beside each other: by their kind; where several are of one, by their own names.

    Of several the one that is named after its data set and its kind alone, `ml-100k-caser`, still goes by its kind,
    and the chapter's, `ml-100k-caser-seed`, by its kind and its preset.
    """
    kinds = [model.metadata.config.model.name for model in models]
    labels = [MODELS[kind].label if kind in MODELS else kind for kind in kinds]
    taken = {model.name for model in models}
    shown = []
    for model, kind, label in zip(models, kinds, labels, strict=True):
        usual = f"{model.metadata.dataset}-{kind}"
        name = {usual: label, f"{usual}-seed": f"{label} (chapter)"}.get(model.name, model.name)
        name = label if labels.count(label) == 1 else name
        shown.append(model.name if name in taken else name)
    return shown


def kept_ranks(trained: Checkpoint, split: Split) -> Ranks | None:
    """Where a checkpoint's file says that it ranked `compared_users`; None if it does not say so of all of them."""
    if trained.ranks is None:
        return None
    try:
        return trained.ranks.of(compared_users(split))
    except KeyError:
        return None


def ranks_of(
    trained: Checkpoint,
    split: Split,
    device: torch.device | str = "cpu",
    on_share: Callable[[float], None] | None = None,
) -> Ranks:
    """Where a checkpoint ranked the test item of `compared_users`, computed where its file does not say."""
    kept = kept_ranks(trained, split)
    return Evaluator(split, "test", device, compared_users(split))(trained.model, on_share) if kept is None else kept


def kept_seeds(trained: Checkpoint, split: Split) -> dict[int, Ranks]:
    """`Checkpoint.seeds` for `compared_users`."""
    return {seed: ranks.of(compared_users(split)) for seed, ranks in trained.seeds.items()}
