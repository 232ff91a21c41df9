"""A trained model on disk: NAME.pt holds the weights, NAME.json everything needed to trust them."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import platform
import re
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import caser
from caser import files
from caser.config import Config
from caser.data.dataset import Dataset, Split
from caser.evaluation import Ranks
from caser.models import Recommender, build
from caser.training.loop import Fit

FORMAT = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class CheckpointError(ValueError):
    """A checkpoint that is missing, broken, or does not belong to the data at hand."""


@dataclass(frozen=True)
class Metadata:
    """What NAME.json says.

    Attributes:
        name: the checkpoint's. config: model and training choices.
        dataset, dataset_checksum: the data it was trained on. ties: the split's rule. seed: of the run.
        epochs: trained for. validation: metrics by which they were chosen.
        test: mean metrics by name, read once; intervals: their 95 % bootstrap bounds over users.
        seconds: wall time. device: where. versions: of what mattered. trained_at: UTC, ISO 8601.
        history: one dict for each epoch (`EpochReport`). weights_sha256: of NAME.pt.
        user_ids, item_ids: the data set's own, by dense id.
    """

    name: str
    config: Config
    dataset: str
    dataset_checksum: str
    ties: str
    seed: int
    epochs: int
    validation: dict[str, float]
    test: dict[str, float]
    intervals: dict[str, list[float]]
    users_evaluated: int
    seconds: float
    device: str
    versions: dict[str, str]
    trained_at: str
    history: list[dict]
    user_ids: list[int] = field(repr=False)
    item_ids: list[int] = field(repr=False)
    weights_sha256: str = ""

    def require(self, dataset: Dataset) -> None:
        """Raise CheckpointError unless this checkpoint was trained on exactly this data set."""
        if (self.dataset, self.dataset_checksum) != (dataset.name, dataset.checksum):
            raise CheckpointError(
                f"checkpoint {self.name!r} was trained on {self.dataset} with checksum {self.dataset_checksum}, "
                f"not on {dataset.name} with checksum {dataset.checksum}; use that data, or train a new checkpoint "
                f"with `python -m caser train --dataset {dataset.name} --model {self.config.model.name} --name NAME`"
            )


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded model (in eval mode), its metadata, and its filters as they were at some epochs.

    `snapshots` maps an epoch (0 is untrained) to `Recommender.filter_weights()`.
    """

    metadata: Metadata
    model: Recommender
    snapshots: dict[int, dict[str, Tensor]]

    @property
    def name(self) -> str:
        return self.metadata.name


def folder() -> Path:
    """Where checkpoints are found and written: CASER_CHECKPOINT_DIR, else checkpoints/ beside the package."""
    given = os.environ.get("CASER_CHECKPOINT_DIR")
    return Path(given).expanduser() if given else Path(__file__).parents[1] / "checkpoints"


def check_name(name: str) -> str:
    """`name` if it can name a checkpoint, else CheckpointError."""
    if not NAME.fullmatch(name):
        raise CheckpointError(
            f"{name!r} cannot name a checkpoint; use up to 64 letters, digits, dots, dashes and underscores"
        )
    return name


def require_writable() -> None:
    """Make `folder()` and see that files can be made there; CheckpointError with the remedy if not."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder()):
            pass
    except OSError as error:
        raise _unwritable(folder(), error) from error


def _unwritable(into: Path, error: OSError) -> CheckpointError:
    return CheckpointError(
        f"cannot write checkpoints to {into} ({error.strerror or error}); "
        "set CASER_CHECKPOINT_DIR to a folder you can write to"
    )


def names() -> list[str]:
    """The checkpoints in `folder()`, sorted."""
    return sorted(path.stem for path in folder().glob("*.json") if path.with_suffix(".pt").exists())


def of(fit: Fit, name: str, config: Config, split: Split, seed: int, test: Ranks) -> Checkpoint:
    """The checkpoint of a finished training run; `test` is its one reading of the test targets."""
    dataset = split.dataset
    metadata = Metadata(
        name=check_name(name),
        config=config,
        dataset=dataset.name,
        dataset_checksum=dataset.checksum,
        ties=split.ties,
        seed=seed,
        epochs=fit.epochs,
        validation=fit.validation,
        test=test.means(),
        intervals={k: list(v) for k, v in test.intervals().items()},
        users_evaluated=len(test.users),
        seconds=fit.seconds,
        device=fit.device,
        versions={
            "caser": caser.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        history=[dataclasses.asdict(report) for report in fit.reports],
        user_ids=dataset.user_ids.tolist(),
        item_ids=dataset.item_ids.tolist(),
    )
    return Checkpoint(metadata, fit.model, fit.snapshots)


def save(checkpoint: Checkpoint, into: Path | None = None) -> Path:
    """Write NAME.pt and NAME.json, each whole or not at all; returns the path of the JSON.

    Raises:
        CheckpointError: the folder cannot be written to.
    """
    into = folder() if into is None else into
    weights = {k: v.cpu() for k, v in checkpoint.model.state_dict().items()}
    try:
        into.mkdir(parents=True, exist_ok=True)
        target = into / f"{checkpoint.name}.pt"
        files.replace(target, lambda path: torch.save({"weights": weights, "snapshots": checkpoint.snapshots}, path))
        digest = files.sha256(target)
        data = dataclasses.asdict(dataclasses.replace(checkpoint.metadata, weights_sha256=digest))
        data = {"format": FORMAT} | data | {"config": checkpoint.metadata.config.to_dict()}
        files.replace(target.with_suffix(".json"), lambda path: path.write_text(_to_json(data), encoding="utf-8"))
    except OSError as error:
        raise _unwritable(into, error) from error
    return target.with_suffix(".json")


def _to_json(data: dict) -> str:
    """One line for each key, so that the long id lists stay on one line each."""
    return "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in data.items()) + "\n}\n"


def locate(name: str | Path) -> Path:
    """The JSON file of a checkpoint given by name or by path (with or without suffix).

    Raises:
        CheckpointError: there is none; the message lists what there is.
    """
    given = Path(name)
    bases = [given.with_suffix("") if given.suffix in (".json", ".pt") else given]
    if given.parent == Path("."):
        bases.insert(0, folder() / bases[0].name)
    for base in bases:
        if base.with_name(base.name + ".json").is_file():
            return base.with_name(base.name + ".json")
    raise CheckpointError(
        f"no checkpoint {str(name)!r}; in {folder()} there is {', '.join(names()) or 'none'} "
        "(`python -m caser train` makes one)"
    )


def describe(name: str | Path) -> Metadata:
    """The metadata of a checkpoint, without its weights; CheckpointError as for `load`."""
    path = locate(name)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"it is not of format {FORMAT}")
        data = {k: v for k, v in data.items() if k != "format"}
        return Metadata(**data | {"config": Config.from_dict(data["config"]), "name": path.stem})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} is not a checkpoint of this version ({error}); train it anew") from error


def load(name: str | Path, device: torch.device | str = "cpu") -> Checkpoint:
    """A checkpoint by name or path, its model in eval mode on `device`.

    Raises:
        CheckpointError: missing, truncated, foreign, or weights and JSON that do not belong together.
    """
    metadata = describe(name)
    path = locate(name).with_suffix(".pt")
    try:
        if files.sha256(path) != metadata.weights_sha256:
            raise ValueError("the weights are not the ones the JSON was written with")
        stored = torch.load(path, map_location="cpu", weights_only=True)
        model = build(metadata.config.model, len(metadata.user_ids), len(metadata.item_ids))
        model.load_state_dict(stored["weights"], strict=True)
    except (OSError, ValueError, RuntimeError, KeyError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
        raise CheckpointError(f"cannot load {path} ({reason}); fetch both files again or train it anew") from error
    return Checkpoint(metadata, model.to(device).eval().requires_grad_(False), stored["snapshots"])
