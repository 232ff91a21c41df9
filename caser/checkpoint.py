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
from typing import Any

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
        over_seeds: test means by metric, one for each seed trained with the same settings, this one's first; {} if
            only this one was.
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
    over_seeds: dict[str, list[float]] = field(default_factory=dict)

    def require(self, dataset: Dataset) -> None:
        """Raise CheckpointError unless this checkpoint was trained on exactly this data set."""
        if (self.dataset, self.dataset_checksum) != (dataset.name, dataset.checksum):
            raise CheckpointError(
                f"checkpoint {self.name!r} was trained on {self.dataset} with checksum {self.dataset_checksum}, "
                f"not on {dataset.name} with checksum {dataset.checksum}; use that data, or train a new checkpoint "
                f"with `{train_command(dataset.name, self.config.model.name)}`"
            )


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded model (in eval mode), its metadata, its filters at some epochs, and where it ranked every test item.

    `snapshots` maps an epoch (0 is untrained) to `Recommender.filter_weights()`; `ranks` is None for one written
    before ranks were kept.
    """

    metadata: Metadata
    model: Recommender
    snapshots: dict[int, dict[str, Tensor]]
    ranks: Ranks | None = None

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


def free_name(stem: str) -> str:
    """`stem` with the first number that makes it a name no checkpoint has."""
    taken, number = set(names()), 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def train_command(dataset: str, model: str) -> str:
    """The command that trains a model, under a name that is free."""
    name = free_name(f"{dataset}-{model}")
    return f"python -m caser train --dataset {dataset} --model {model} --name {name}"


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
    return Checkpoint(metadata, fit.model, fit.snapshots, test)


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
        content = {"weights": weights, "snapshots": checkpoint.snapshots, "ranks": _packed(checkpoint.ranks)}
        files.replace(target, lambda path: torch.save(content, path))
        digest = files.sha256(target)
        data = dataclasses.asdict(dataclasses.replace(checkpoint.metadata, weights_sha256=digest))
        data = {"format": FORMAT} | data | {"config": checkpoint.metadata.config.to_dict()}
        files.replace(target.with_suffix(".json"), lambda path: path.write_text(_to_json(data), encoding="utf-8"))
    except OSError as error:
        raise _unwritable(into, error) from error
    return target.with_suffix(".json")


def _to_json(data: dict) -> str:
    """One line for each key, so that the long id lists stay on one line each."""
    lines = (f"{json.dumps(k)}: {json.dumps(_nan_to_null(v), allow_nan=False)}" for k, v in data.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _nan_to_null(value: Any) -> Any:
    """`value` for JSON, which knows no nan; `_null_to_nan` takes it back."""
    if isinstance(value, dict):
        return {k: _nan_to_null(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_nan_to_null(v) for v in value]
    return None if isinstance(value, float) and value != value else value


def _null_to_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _null_to_nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_null_to_nan(v) for v in value]
    return float("nan") if value is None else value


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
        f"(`{train_command('cinema', 'caser')}` makes one)"
    )


def describe(name: str | Path) -> Metadata:
    """The metadata of a checkpoint, without its weights; CheckpointError as for `load`."""
    path = locate(name)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f"it is not of format {FORMAT}")
        data = {k: _null_to_nan(v) for k, v in data.items() if k != "format"}
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
    model = model.to(device).eval().requires_grad_(False)
    return Checkpoint(metadata, model, stored["snapshots"], _unpacked(stored.get("ranks")))


def _packed(ranks: Ranks | None) -> dict[str, Tensor] | None:
    """Ranks as small tensors; a rank is a whole or half number, so float32 holds it exactly up to 8 million."""
    if ranks is None:
        return None
    kinds = {"users": torch.int32, "rank": torch.float32, "candidates": torch.int32}
    return {name: torch.as_tensor(getattr(ranks, name)).to(kind) for name, kind in kinds.items()}


def _unpacked(stored: dict[str, Tensor] | None) -> Ranks | None:
    if stored is None:
        return None
    return Ranks(*(stored[name].double().numpy() if name == "rank" else stored[name].long().numpy() for name in stored))
