"""A whole run, from a data set's name to a checkpoint on disk, and back to its test ranks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from caser import checkpoint, data, files, findings
from caser.checkpoint import Checkpoint, CheckpointError, Metadata
from caser.config import Config
from caser.data.dataset import Split, split
from caser.evaluation import Ranks, evaluate
from caser.training import cost, distributed
from caser.training.devices import resolve_device
from caser.training.loop import Fit, OnShare, OnSnapshot, fit, progress
from caser.training.reports import CHOSEN_BY, READING, TESTING, EpochReport

MOST_SEEDS = 100


def check_seeds(seeds: int) -> None:
    """ValueError for a number of seeds that cannot be, or that would train for days."""
    if not 1 <= seeds <= MOST_SEEDS:
        raise ValueError(f"seeds is {seeds}; give 1 to {MOST_SEEDS}")


def median(scores: dict[int, float]) -> int:
    """The seed whose score is the median; of two in the middle the lower one.

    >>> median({0: 0.3, 1: 0.1, 2: 0.2}), median({0: 0.3, 1: 0.1})
    (2, 1)
    """
    return sorted(scores, key=lambda seed: (scores[seed], seed))[(len(scores) - 1) // 2]


@dataclass(frozen=True)
class Experiment:
    """What to train, on what, under which name; checked when made.

    Attributes:
        name: of the checkpoint. dataset: a data set's name. ties: the split's rule on tied targets.
        device: "auto", "cuda", "mps" or "cpu". overwrite: replace a checkpoint of that name.
        keep_state: write the run's state after every epoch, so that it can be resumed.
        resume: continue from that state. seeds: how many to train; the median one on validation is kept, with the test
            ranks of all.

    Raises:
        ValueError: an illegal name, one that is taken, an unknown data set, or a device this machine lacks.
    """

    name: str
    dataset: str
    config: Config
    seed: int = 0
    ties: str = "first"
    device: str = "auto"
    overwrite: bool = False
    keep_state: bool = False
    resume: bool = False
    seeds: int = 1

    def __post_init__(self):
        checkpoint.check_name(self.name)
        check_seeds(self.seeds)
        resolve_device(self.device)
        if self.name in checkpoint.names() and not self.overwrite:
            raise CheckpointError(f"there is a checkpoint {self.name!r} already; choose another name or overwrite it")
        data.source(self.dataset)

    def run(
        self,
        on_epoch: Callable[[EpochReport], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        on_snapshot: OnSnapshot | None = None,
        on_share: OnShare | None = None,
        on_start: Callable[[str], None] | None = None,
    ) -> Checkpoint:
        """Train, read test once, save; no checkpoint is saved if training fails or is cancelled (`fit`).

        `on_start` is told what a step weighs and needs. Of several seeds the first is saved as soon as it is trained,
        and replaced by the median one at the end.
        Under torchrun every process runs this; the first one reports and writes.

        Raises:
            distributed.LostProcess: another of torchrun's processes went away.
        """
        parts = self._prepared(on_share)
        with distributed.joined(resolve_device(self.device)) as device:
            first = distributed.rank() == 0
            if on_start and first:
                on_start(cost.said(self.config, parts.dataset.n_users, parts.dataset.n_items, device))
            watched: dict[str, Any] = {"on_epoch": on_epoch, "on_share": on_share} if first else {}
            watched["should_stop"] = should_stop
            fitted = fit(
                parts,
                self.config,
                seed=self.seed,
                device=device,
                on_snapshot=on_snapshot if first else None,
                **watched,
                state=self._read_state(parts) if self.resume else None,
                on_state=partial(self._write_state, parts) if self.keep_state and first else None,
            )
            tell = progress(TESTING, watched.get("on_share"), should_stop)
            test = evaluate(fitted.model, parts, "test", device, tell)
            done = checkpoint.of(fitted, self.name, self.config, parts, self.seed, test)
            if first:
                checkpoint.save_somewhere(done)
                self.state_path.unlink(missing_ok=True)
            fits = {self.seed: fitted} | self._other_seeds(parts, device, **watched)
            done = self._median(done, fits, parts, device)
            if first:
                self._keep(done, parts, fits)
        return done

    def _prepared(self, on_share: OnShare | None) -> Split:
        """The data, once it is sure that there is room for the run and for its checkpoint."""
        checkpoint.require_writable()
        parts = split(data.load(self.dataset, on_share and partial(on_share, READING)), self.ties)
        cost.require_memory(self.config, parts)
        weights = cost.step_cost(self.config, parts.dataset.n_users, parts.dataset.n_items).weights  # bytes
        checkpoint.require_room(weights * 1.5 + 1e6)
        return parts

    def _other_seeds(self, parts: Split, device: torch.device, **watched) -> dict[int, Fit]:
        """The same settings trained with the seeds after the first, by seed."""
        seeds = range(self.seed + 1, self.seed + self.seeds)
        return {seed: fit(parts, self.config, seed=seed, device=device, **watched) for seed in seeds}

    def _median(self, done: Checkpoint, fits: dict[int, Fit], parts: Split, device: torch.device) -> Checkpoint:
        """The checkpoint of the seed that is the median on validation, with the test ranks of all seeds."""
        if len(fits) == 1:
            return done
        ranks: dict[int, Ranks] = {self.seed: done.ranks}
        ranks |= {seed: evaluate(fits[seed].model, parts, "test", device) for seed in fits if seed != self.seed}
        seed = median({seed: one.validation[CHOSEN_BY] for seed, one in fits.items()})
        kept = checkpoint.of(fits[seed], self.name, self.config, parts, seed, ranks[seed])
        return replace(kept, seeds=ranks)

    def _keep(self, done: Checkpoint, parts: Split, fits: dict[int, Fit]) -> None:
        """Keep the median seed and, beside it, what its filters look for, which can be found again without room."""
        if done.seeds:
            checkpoint.save(done)
        if not done.model.has_filters:
            return
        try:
            others = [one.model for seed, one in fits.items() if seed != done.metadata.seed]
            findings.save(findings.find(done, parts, others), checkpoint.load(self.name))
        except CheckpointError as error:
            print(f"{error}; what its filters look for is not kept", file=sys.stderr)

    @property
    def state_path(self) -> Path:
        """Where an unfinished run's state lies; it is deleted when the run is done."""
        return checkpoint.folder() / f".{self.name}.state"

    def _identity(self, parts: Split) -> str:
        chosen = [self.config.to_dict(), self.seed, self.ties, parts.dataset.name, parts.dataset.checksum]
        return json.dumps(chosen, sort_keys=True)

    def _write_state(self, parts: Split, state: dict) -> None:
        content = {"identity": self._identity(parts), "state": state}
        try:
            files.replace(self.state_path, lambda path: torch.save(content, path))
        except (OSError, RuntimeError) as error:  # torch's own word for a full disk; the run itself is not at stake
            print(f"cannot write {self.state_path} ({error}); training goes on, --resume would not", file=sys.stderr)

    def _read_state(self, parts: Split) -> dict:
        try:
            content = torch.load(self.state_path, map_location="cpu", weights_only=True)
            identity, state = content["identity"], content["state"]
        except FileNotFoundError as error:
            raise CheckpointError(
                f"nothing to resume: {self.name!r} has no unfinished run; leave --resume out"
            ) from error
        except Exception as error:  # torch's reader raises nearly anything on damaged bytes
            raise CheckpointError(f"cannot read {self.state_path}; delete it and train without --resume") from error
        if identity != self._identity(parts):
            raise CheckpointError(
                f"the unfinished run of {self.name!r} has other settings, seed or data; "
                "give the same ones, or train without --resume"
            )
        return state


def split_of(metadata: Metadata) -> Split:
    """The very split a checkpoint was trained on; CheckpointError if the data here is not the same."""
    dataset = data.load(metadata.dataset)
    metadata.require(dataset)
    return split(dataset, metadata.ties)
