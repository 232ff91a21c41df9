"""A trained model on disk: NAME.safetensors holds the weights and everything needed to trust them."""

from __future__ import annotations

import dataclasses
import os
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
from caser.evaluation import Ranks
from caser.files import arrays as stored
from caser.files import npz, places
from caser.files.arrays import SUFFIX, BrokenFile
from caser.models import Recommender, build, outline
from caser.training.loop import Fit
from caser.training.reports import EpochReport

FORMAT = 2
RANK_TYPES = {"users": torch.int32, "rank": torch.float32, "candidates": torch.int32}
WEIGHTS, SNAPSHOTS, RANKS, SEEDS = "weights/", "snapshots/", "ranks/", "seeds/"  # what the arrays' names begin with
FOLLOWS = ("test", "intervals", "users_evaluated", "over_seeds")  # once in records, now worked out from the ranks
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SEED = re.compile(r"[0-9]{1,10}")


class CheckpointError(ValueError):
    """A checkpoint that is missing, broken, or does not belong to the data at hand."""


@dataclass(frozen=True)
class Metadata:
    """What a checkpoint records beside its weights.

    Attributes:
        name: the checkpoint's. config: model and training choices.
        dataset, dataset_checksum: the data it was trained on. ties: the split's rule. seed: of the run.
        epochs: trained for. validation: metrics by which they were chosen.
        temperature: what scores are divided by before they become chances, fitted on validation; None for a model
            that was not trained to give chances, or by a version that fitted none.
        seconds: wall time. device: where. versions: of what mattered. trained_at: UTC, ISO 8601.
        history: one dict for each epoch (`EpochReport`). weights_sha256: of the weights' content.
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
    seconds: float
    device: str
    versions: dict[str, str]
    trained_at: str
    history: list[dict]
    user_ids: list[int | str] = field(repr=False)
    item_ids: list[int | str] = field(repr=False)
    weights_sha256: str = ""
    temperature: float | None = None

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
    before ranks were kept. `seeds` has the test ranks of every seed trained with these settings, this one's among
    them, by seed; {} if only this one was.
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
    """Where checkpoints are written: CASER_CHECKPOINT_DIR, else checkpoints/ of the checkout; of a package that was
    installed ~/.cache/caser/checkpoints."""
    beside = places.home() if places.is_installed() else places.shipped()
    return places.chosen("CASER_CHECKPOINT_DIR", beside / "checkpoints")


def folders() -> list[Path]:
    """Where checkpoints are found: `folder()` and, of an installed package unless CASER_CHECKPOINT_DIR names another
    place, the one that it came with. Of two of one name the first counts."""
    alone = os.environ.get("CASER_CHECKPOINT_DIR") or not places.is_installed()
    return [folder()] if alone else [folder(), places.shipped() / "checkpoints"]


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
    """The error for a checkpoint, or a file kept beside one, that could not be written."""
    return CheckpointError(
        f"cannot write checkpoints to {into} ({error.strerror or error}); "
        "set CASER_CHECKPOINT_DIR to a folder you can write to"
    )


def names() -> list[str]:
    """The checkpoints in `folders()`, sorted."""
    return [path.stem for path in paths()]


def paths() -> list[Path]:
    """The files of the checkpoints in `folders()`, sorted by name."""
    found = [path for place in reversed(folders()) for path in places.listed(place, f"*{SUFFIX}")]
    by_name = {path.stem: path for path in found if NAME.fullmatch(path.stem)}
    return [by_name[name] for name in sorted(by_name)]


def free_name(stem: str) -> str:
    """`stem` with the first number that makes it a name no checkpoint has."""
    taken, number = set(names()), 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def train_command(dataset: str, model: str) -> str:
    """The command that trains a model under a name that is free."""
    return f"python -m caser train --dataset {dataset} --model {model} --name {free_name(f'{dataset}-{model}')}"


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
        temperature=fit.temperature,
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
        user_ids=[dataset.user_id(user) for user in range(dataset.n_users)],
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
    arrays = {WEIGHTS + name: weight for name, weight in weights.items()} | _packed(checkpoint)
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
    """The file of a checkpoint given by name, by path (with or without suffix), or by a folder that holds it alone.

    Raises:
        CheckpointError: there is none of that name; the message lists all.
    """
    given = Path(name)
    base = given.with_name(given.name.removesuffix(SUFFIX)) if given.name else given
    bases = [*(place / base.name for place in folders()), base] if given.parent == Path(".") else [base]
    for one in bases:
        if _there(one, SUFFIX):
            return one.with_name(f"{one.name}{SUFFIX}")
    if len(held := places.listed(given, f"*{SUFFIX}")) == 1:
        return held[0]
    raise CheckpointError(
        f"no checkpoint {str(name)[:100]!r}; in {folder()} there is {', '.join(names()) or 'none'} "
        f"(`{train_command('cinema', 'caser')}` makes one)"
    )


def _there(base: Path, suffix: str) -> bool:
    try:
        return base.with_name(base.name + suffix).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


STUDY, FINDINGS = COMPANIONS = (".study.npz", ".filters.npz")  # what was measured of a checkpoint, beside it


def companion(name: str, suffix: str) -> Path:
    """Where what was measured of a checkpoint lies; where it would be written if it is not there yet."""
    beside = (place / f"{name}{suffix}" for place in folders())
    return next((path for path in beside if _there(path, "")), folder() / f"{name}{suffix}")


def save_beside(name: str, suffix: str, arrays: dict[str, np.ndarray]) -> Path:
    """Write what was measured of a checkpoint, whole or not at all; returns its path. CheckpointError as for `save`."""
    path = folder() / f"{name}{suffix}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        npz.write(path, arrays, compressed=True)
    except OSError as error:
        raise unwritable(folder(), error) from error
    return path


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


def trained_on(dataset: str) -> list[str]:
    """The names of the checkpoints of a data set's models, as far as they can be read."""
    found = []
    for name in names():
        with suppress(CheckpointError):
            found += [name] if describe(name).dataset == dataset else []
    return found


def follow(dataset: str, new: str) -> list[str]:
    """Say in the checkpoints of a data set's models that it is called `new` now; returns their names.

    Raises:
        CheckpointError: one cannot be written; the others were.
    """
    followed = trained_on(dataset)
    for name in followed:
        one = load(name)
        save(dataclasses.replace(one, metadata=dataclasses.replace(one.metadata, dataset=new)), locate(name).parent)
    return followed


def _file(name: str) -> Path:
    """The file of a checkpoint of the folder, by its plain name."""
    if not NAME.fullmatch(name) or not _there(folder() / name, SUFFIX):
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
    data = {name: null_to_nan(value) for name, value in record.items() if name not in ("format", *FOLLOWS)}
    data["temperature"] = record.get("temperature")  # null is no nan here
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
        seeds = _of_seeds(_named(arrays, SEEDS), ranks, metadata)
    except (ValueError, RuntimeError) as error:
        raise _broken(path, str(error).splitlines()[0]) from error
    snapshots: dict[int, dict[str, Tensor]] = {}
    for at, weight in _named(arrays, SNAPSHOTS).items():
        epoch, _, of = at.partition("/")
        snapshots.setdefault(int(epoch), {})[of] = weight
    model = model.to(device).eval().requires_grad_(False)
    return Checkpoint(metadata, model, snapshots or {0: {}}, ranks, seeds)


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


def _packed(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """Ranks as small tensors; a rank is a whole or half number, so float32 holds it exactly up to 8 million.

    The seeds share users and candidates.
    """
    if checkpoint.ranks is None:
        return {}
    arrays = {RANKS + name: getattr(checkpoint.ranks, name) for name in RANK_TYPES}
    for seed, ranks in checkpoint.seeds.items():
        if seed != checkpoint.metadata.seed:
            arrays[f"{SEEDS}{seed}"] = ranks.rank
    return {name: torch.as_tensor(array).to(_rank_type(name)) for name, array in arrays.items()}


def _rank_type(name: str) -> torch.dtype:
    return RANK_TYPES["rank" if name.startswith(SEEDS) else name.removeprefix(RANKS)]


def _unpacked(stored: dict[str, Tensor], metadata: Metadata) -> Ranks | None:
    """The ranks kept, checked; None if none were."""
    if not stored:
        return None
    types = {name: array.dtype for name, array in stored.items()}
    if types != RANK_TYPES or any(array.dim() != 1 for array in stored.values()):
        raise BrokenFile("a part of the ranks it keeps is missing or of another type")
    users, rank, candidates = (stored[name].numpy() for name in RANK_TYPES)
    return _sound(Ranks(users.astype(np.int64), rank.astype(np.float64), candidates.astype(np.int64)), metadata)


def _sound(ranks: Ranks, metadata: Metadata) -> Ranks:
    """The ranks; BrokenFile if they cannot be those of the data that the record names."""
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


def _of_seeds(stored: dict[str, Tensor], ranks: Ranks | None, metadata: Metadata) -> dict[int, Ranks]:
    """The ranks of every seed, checked, in the order of seeds; {} if only one was trained."""
    if not stored:
        return {}
    wrong = (not SEED.fullmatch(name) or rank.dtype != RANK_TYPES["rank"] for name, rank in stored.items())
    if ranks is None or any(wrong):
        raise BrokenFile("the ranks of its other seeds cannot be")
    seeds = {metadata.seed: ranks}
    for name, rank in stored.items():
        seeds[int(name)] = _sound(Ranks(ranks.users, rank.numpy().astype(np.float64), ranks.candidates), metadata)
    return dict(sorted(seeds.items()))


# ---- a record, field by field


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 10_000


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _share(value: Any) -> bool:
    """A metric: between 0 and 1, or nan where it is undefined."""
    return isinstance(value, int | float) and not isinstance(value, bool) and (value != value or 0 <= value <= 1)


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _list(one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(one, value))


def _table(one: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(one, value.values()))


def _id(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def _temperature(value: Any) -> bool:
    return value is None or (_seconds(value) and value > 0)


_FIELDS = {
    **dict.fromkeys(("name", "dataset", "dataset_checksum", "device", "trained_at", "weights_sha256"), _text),
    **dict.fromkeys(("seed", "epochs"), _count),
    "validation": _table(_share),
    "temperature": _temperature,
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
    for epoch in data["history"]:
        EpochReport.checked(epoch)
