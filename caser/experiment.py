"""A whole run, from a data set's name to a checkpoint on disk, and back to its test ranks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from caser import checkpoint, data
from caser.checkpoint import Checkpoint, CheckpointError, Metadata
from caser.config import Config, named
from caser.data.dataset import Split, split
from caser.evaluation import Ranks, evaluate
from caser.training import EpochReport, fit, resolve_device


@dataclass(frozen=True)
class Experiment:
    """What to train, on what, under which name; checked when made.

    Attributes:
        name: of the checkpoint. dataset: a data set's name. ties: the split's rule on tied targets.
        device: "auto", "cuda", "mps" or "cpu". overwrite: replace a checkpoint of that name.

    Raises:
        ValueError: an illegal name, one that is taken, or a device this machine lacks.
    """

    name: str
    dataset: str
    config: Config
    seed: int = 0
    ties: str = "first"
    device: str = "auto"
    overwrite: bool = False

    def __post_init__(self):
        checkpoint.check_name(self.name)
        resolve_device(self.device)
        if self.name in checkpoint.names() and not self.overwrite:
            raise CheckpointError(f"there is a checkpoint {self.name!r} already; choose another name or overwrite it")
        named("data set", self.dataset, data.DATASETS)

    def run(
        self,
        on_epoch: Callable[[EpochReport], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Checkpoint:
        """Train, read test once, save; nothing is saved if training fails or is cancelled (`fit`)."""
        checkpoint.require_writable()
        parts = split(data.load(self.dataset), self.ties)
        device = resolve_device(self.device)
        fitted = fit(parts, self.config, seed=self.seed, device=device, on_epoch=on_epoch, should_stop=should_stop)
        ranks = evaluate(fitted.model, parts, "test", device)
        done = checkpoint.of(fitted, self.name, self.config, parts, self.seed, ranks)
        checkpoint.save(done)
        return done


def split_of(metadata: Metadata) -> Split:
    """The very split a checkpoint was trained on; CheckpointError if the data here is not the same."""
    dataset = data.load(metadata.dataset)
    metadata.require(dataset)
    return split(dataset, metadata.ties)


def ranks_on_test(loaded: Checkpoint, device: torch.device | str = "cpu") -> Ranks:
    """A checkpoint's test ranks, computed anew from its weights."""
    return evaluate(loaded.model.to(device), split_of(loaded.metadata), "test", device)
