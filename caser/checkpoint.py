"""A trained model on disk: NAME.safetensors holds the weights and everything needed to trust them."""

from __future__ import annotations

import dataclasses
import platform
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import caser
from caser.config import Config
from caser.data.dataset import TIES, Dataset, Split
from caser.evaluation import METRICS, Ranks
from caser.files import arrays as stored
from caser.files import places
from caser.files.arrays import SUFFIX, BrokenFile
from caser.models import Recommender, build, outline
from caser.training.loop import Fit
from caser.training.reports import EpochReport

FORMAT = 2
RANK_TYPES = {"users": torch.int32, "rank": torch.float32, "candidates": torch.int32}
WEIGHTS, SNAPSHOTS, RANKS = "weights/", "snapshots/", "ranks/"  # what the arrays' names begin with
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class CheckpointError(ValueError):
    """A checkpoint that is missing, broken, or does not belong to the data at hand."""


@dataclass(frozen=True)
class Metadata:
    """What is known of a checkpoint.

    Attributes:
        name: the checkpoint's. config: model and training choices.
        dataset, dataset_checksum: the data it was trained on. ties: the split's rule. seed: of the run.
        epochs: trained for. validation: metrics by which they were chosen.
        test: mean metrics by name, read once; intervals: their 95 % bootstrap bounds over users.
        seconds: wall time. device: where. versions: of what mattered. trained_at: UTC, ISO 8601.
        history: one dict for each epoch (`EpochReport`). weights_sha256: of the weights' content.
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
    before ranks were kept. `seeds` are the test ranks by seed of all models trained with the same settings, this one
    among them; {} if only one was trained.
    """

    metadata: Metadata
    model: Recommender
    snapshots: dict[int, dict[str, Tensor]]
    ranks: Ranks | None = None
    seeds: dict[int, Ranks] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.metadata.name


def folder() -> Path:
    """Where checkpoints are found and written: CASER_CHECKPOINT_DIR, else checkpoints/ beside the package."""
    return places.chosen("CASER_CHECKPOINT_DIR", Path(__file__).parents[1] / "checkpoints")


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
        raise unwritable(folder(), error) from error


def require_room(n_bytes: float) -> None:
    """Raise CheckpointError, naming the disk, unless `folder()` has room for so many bytes."""
    try:
        free = shutil.disk_usage(folder()).free
    except OSError:
        return  # `require_writable` says what is wrong with the folder
    if free < n_bytes:
        raise CheckpointError(
            f"the checkpoint will take {n_bytes / 1e6:,.0f} MB and the disk of {folder()} has {free / 1e6:,.0f} left; "
            "make room, or set CASER_CHECKPOINT_DIR to a folder on another disk"
        )


def save_somewhere(checkpoint: Checkpoint) -> Path:
    """Save into `folder()` or, if that has become impossible since training began, into the next folder that can be.

    Raises:
        CheckpointError: saved elsewhere, and where; or nowhere.
    """
    try:
        return save(checkpoint)
    except CheckpointError as error:
        path = _rescued(checkpoint)
        if path is None:
            raise
        raise CheckpointError(f"{error}. What was trained is not lost: it is in {path}") from error


def _rescued(checkpoint: Checkpoint) -> Path | None:
    """Where a checkpoint could be saved instead; None if nowhere."""
    for into in (places.home() / "rescued", Path(tempfile.gettempdir()) / "caser-rescued"):
        with suppress(CheckpointError):
            return save(checkpoint, into)
    return None


def unwritable(into: Path, error: OSError) -> CheckpointError:
    """What to tell of a checkpoint, or of what is kept beside one, that could not be written."""
    return CheckpointError(
        f"cannot write checkpoints to {into} ({error.strerror or error}); "
        "set CASER_CHECKPOINT_DIR to a folder you can write to"
    )


def names() -> list[str]:
    """The checkpoints in `folder()`, sorted."""
    return [path.stem for path in paths()]


def paths() -> list[Path]:
    """The files of the checkpoints in `folder()`, sorted by name."""
    found = (path for path in places.listed(folder(), f"*{SUFFIX}") if NAME.fullmatch(path.stem))
    return sorted(found, key=lambda path: path.stem)


def free_name(stem: str) -> str:
    """`stem` with the first number that makes it a name no checkpoint has."""
    taken, number = set(names()), 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def train_command(dataset: str, model: str, start: str = "tuned") -> str:
    """The command that trains a model from the preset `start`, under a name that is free."""
    name = free_name(f"{dataset}-{model}")
    said = "" if start == "tuned" else f" --preset {start}"
    return f"python -m caser train --dataset {dataset} --model {model}{said} --name {name}"


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
    """Write NAME.safetensors, whole or not at all; returns its path.

    Raises:
        CheckpointError: the folder cannot be written to.
    """
    into = folder() if into is None else into
    weights = checkpoint.model.state_dict()
    arrays = {WEIGHTS + name: weight for name, weight in weights.items()} | _packed(checkpoint.ranks)
    for epoch, snapshot in checkpoint.snapshots.items():
        arrays |= {f"{SNAPSHOTS}{epoch}/{name}": weight for name, weight in snapshot.items()}
    metadata = dataclasses.replace(checkpoint.metadata, weights_sha256=stored.digest(weights))
    record = {"format": FORMAT} | dataclasses.asdict(metadata) | {"config": metadata.config.to_dict()}
    target = into / f"{checkpoint.name}{SUFFIX}"
    try:
        into.mkdir(parents=True, exist_ok=True)
        stored.write(target, _nan_to_null(record), arrays)
    except OSError as error:
        raise unwritable(into, error) from error
    return target


def _nan_to_null(value: Any) -> Any:
    """`value` for JSON, which knows no nan; `null_to_nan` takes it back."""
    if isinstance(value, dict):
        return {k: _nan_to_null(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_nan_to_null(v) for v in value]
    return None if isinstance(value, float) and value != value else value


def null_to_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: null_to_nan(v) for k, v in value.items()}
    if isinstance(value, list):
        return [null_to_nan(v) for v in value]
    return float("nan") if value is None else value


def locate(name: str | Path) -> Path:
    """The file of a checkpoint given by name or by path (with or without suffix).

    Raises:
        CheckpointError: there is none; the message lists what there is.
    """
    given = Path(name)
    base = given.with_name(given.name.removesuffix(SUFFIX)) if given.name else given
    bases = [folder() / base.name, base] if given.parent == Path(".") else [base]
    for one in bases:
        if _there(one, SUFFIX):
            return one.with_name(f"{one.name}{SUFFIX}")
        if _there(one, ".json") and _there(one, ".pt"):
            raise CheckpointError(
                f"checkpoint {one.name!r} is of an earlier version; `python -m caser convert {one.name}` brings it up "
                "to date"
            )
    raise CheckpointError(
        f"no checkpoint {str(name)[:100]!r}; in {folder()} there is {', '.join(names()) or 'none'} "
        f"(`{train_command('cinema', 'caser')}` makes one)"
    )


def _there(base: Path, suffix: str) -> bool:
    try:
        return base.with_name(base.name + suffix).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


COMPANIONS = (".study.npz", ".filters.npz")  # what was measured of a checkpoint, beside it


def rename(name: str, new: str) -> None:
    """Give a checkpoint of the folder another name, and what was measured of it too.

    Raises:
        CheckpointError: there is none, the new name is illegal or taken, or the folder cannot be written to.
    """
    check_name(new)
    if new in names():
        raise CheckpointError(f"there is a checkpoint {new!r} already; choose another name")
    there = _file(name)
    try:
        for suffix in (*COMPANIONS, SUFFIX):  # the checkpoint last: without it the others are nobody's
            beside = there.with_name(name + suffix)
            if beside.exists():
                beside.rename(there.with_name(new + suffix))
    except OSError as error:
        raise unwritable(folder(), error) from error


def delete(name: str) -> None:
    """Delete a checkpoint of the folder and what was measured of it; CheckpointError as for `rename`."""
    there = _file(name)
    try:
        for suffix in (SUFFIX, *COMPANIONS):
            there.with_name(name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(folder(), error) from error


def _file(name: str) -> Path:
    """The file of a checkpoint of the folder, by its plain name."""
    if name not in names():
        raise CheckpointError(f"no checkpoint {name[:100]!r} in {folder()}")
    return folder() / f"{name}{SUFFIX}"


def describe(name: str | Path) -> Metadata:
    """The metadata of a checkpoint, without its weights; CheckpointError as for `load`."""
    path = locate(name)
    try:
        return _metadata(stored.read_record(path), path)
    except BrokenFile as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(f"cannot load {path} ({error}); fetch it again or train it anew")


def _metadata(record: dict[str, Any], path: Path) -> Metadata:
    """A record checked field by field; BrokenFile names what is wrong."""
    if record.get("format") != FORMAT:
        raise BrokenFile(f"it is of format {str(record.get('format'))[:20]}, not {FORMAT}")
    data = {name: null_to_nan(value) for name, value in record.items() if name != "format"}
    try:
        check_record(data)
        return Metadata(**data | {"config": Config.from_dict(data["config"]), "name": path.stem})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BrokenFile(str(error).splitlines()[0]) from error


def load(name: str | Path, device: torch.device | str = "cpu") -> Checkpoint:
    """A checkpoint by name or path, its model in eval mode on `device`.

    Raises:
        CheckpointError: missing, truncated, foreign, or not what it says it is.
    """
    path = locate(name)
    try:
        record, arrays = stored.read(path, lambda record, shapes: _check_shapes(_metadata(record, path), shapes))
        metadata = _metadata(record, path)
        weights = _named(arrays, WEIGHTS)
        if stored.digest(weights) != metadata.weights_sha256:
            raise BrokenFile("the weights are not the ones it was written with")
        model = build(metadata.config.model, len(metadata.user_ids), len(metadata.item_ids))
        model.load_state_dict(weights, strict=True)
        ranks = _unpacked(_named(arrays, RANKS), metadata)
    except (ValueError, RuntimeError) as error:
        raise _broken(path, str(error).splitlines()[0]) from error
    snapshots: dict[int, dict[str, Tensor]] = {}
    for at, weight in _named(arrays, SNAPSHOTS).items():
        epoch, _, of = at.partition("/")
        snapshots.setdefault(int(epoch), {})[of] = weight
    model = model.to(device).eval().requires_grad_(False)
    return Checkpoint(metadata, model, snapshots or {0: {}}, ranks)


def _named(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The arrays whose names begin with a prefix, by the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _check_shapes(metadata: Metadata, shapes: stored.Shapes) -> None:
    """BrokenFile unless the arrays are those of the model that the record claims; nothing large is made for it."""
    model = outline(metadata.config.model, len(metadata.user_ids), len(metadata.item_ids))
    expected = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    if _named(shapes, WEIGHTS) != expected:
        raise BrokenFile("its weights are not of the model that its record claims")
    filters = {name: tuple(weight.shape) for name, weight in model.filter_weights().items()}
    for at, shape in _named(shapes, SNAPSHOTS).items():
        epoch, _, name = at.partition("/")
        if not re.fullmatch(r"[0-9]{1,9}", epoch) or filters.get(name) != shape:
            raise BrokenFile(f"{at[:60]!r} is no snapshot of its filters")


def _packed(ranks: Ranks | None) -> dict[str, Tensor]:
    """Ranks as small tensors; a rank is a whole or half number, so float32 holds it exactly up to 8 million."""
    if ranks is None:
        return {}
    return {RANKS + name: torch.as_tensor(getattr(ranks, name)).to(kind) for name, kind in RANK_TYPES.items()}


def _unpacked(found: dict[str, Tensor], metadata: Metadata) -> Ranks | None:
    """The ranks kept, checked; None if none were."""
    if not found:
        return None
    if {name: array.dtype for name, array in found.items()} != RANK_TYPES or any(a.dim() != 1 for a in found.values()):
        raise BrokenFile("a part of the ranks it keeps is missing or of another type")
    users, rank, candidates = (found[name].numpy() for name in RANK_TYPES)
    ranks = Ranks(users.astype(np.int64), rank.astype(np.float64), candidates.astype(np.int64))
    sound = (
        ranks.users.shape == ranks.rank.shape == ranks.candidates.shape == (len(ranks.users),)
        and (np.diff(ranks.users) > 0).all()
        and ((ranks.users >= 0) & (ranks.users < len(metadata.user_ids))).all()
        and ((ranks.rank >= 0) & (ranks.rank < ranks.candidates)).all()
        and (ranks.candidates <= len(metadata.item_ids)).all()
    )
    if not sound:
        raise BrokenFile("the ranks it keeps cannot be")
    return ranks


# ---- a record, field by field


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 10_000


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _share(value: Any) -> bool:
    """A metric: between 0 and 1, or nan where it tells nothing."""
    return isinstance(value, int | float) and not isinstance(value, bool) and (value != value or 0 <= value <= 1)


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _list(one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(one, value))


def _table(one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(one, value.values()))


def _id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def _alike(over_seeds: dict[str, list]) -> bool:
    """Whether every metric is there, as often as every other and at least twice, as a spread needs."""
    counts = {len(values) for values in over_seeds.values()}
    return over_seeds.keys() == set(METRICS) and len(counts) == 1 and min(counts) > 1


_FIELDS = {
    **dict.fromkeys(("name", "dataset", "dataset_checksum", "device", "trained_at", "weights_sha256"), _text),
    **dict.fromkeys(("seed", "epochs", "users_evaluated"), _count),
    **dict.fromkeys(("validation", "test"), _table(_share)),
    **dict.fromkeys(("intervals", "over_seeds"), _table(_list(_share))),
    **dict.fromkeys(("user_ids", "item_ids"), lambda value: bool(value) and _list(_id)(value)),
    "ties": lambda value: value in TIES,
    "versions": _table(_text),
    "seconds": _seconds,
    "history": _list(lambda epoch: isinstance(epoch, dict)),
    "config": lambda value: isinstance(value, dict),
}


def check_record(data: dict[str, Any]) -> None:
    """Raise ValueError naming the first field that is missing, unknown or cannot be."""
    for name, sound in _FIELDS.items():
        if name not in data:
            raise ValueError(f"its record has no {name}")
        if not sound(data[name]):
            raise ValueError(f"its record's {name} cannot be {str(data[name])[:40]!r}")
    if unknown := data.keys() - _FIELDS.keys():
        raise ValueError(f"its record has {sorted(unknown)[0][:40]!r}, which this version does not know")
    if data["test"].keys() != set(METRICS) or data["intervals"].keys() != set(METRICS):
        raise ValueError("its record has other metrics than this version's")
    if data["over_seeds"] and not _alike(data["over_seeds"]):
        raise ValueError("its record has not every metric of every seed")
    if any(len(bounds) != 2 for bounds in data["intervals"].values()):
        raise ValueError("an interval of its record has not two ends")
    for epoch in data["history"]:
        EpochReport.checked(epoch)
