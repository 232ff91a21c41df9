"""Data sets that people brought, each kept whole in one file under the data folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

from caser import files
from caser.data.archive import DataError, data_dir
from caser.data.dataset import CATALOGUE_COLUMNS, Dataset
from caser.data.source import Source
from caser.data.table import Prepared
from caser.data.table.preparing import LICENCE
from caser.files import npz, places

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
SUFFIX, FORMAT = ".npz", 1
_OLD_WORDS = "own_id"  # the column of ids that are words in files of older versions, beside numbers of their own
ARRAYS = {"item": np.int64, "timestamp": np.int64, "rating": np.float32, "offset": np.int64, "user_ids": np.int64}


def folder() -> Path:
    """Where they are kept; it need not exist."""
    return data_dir() / "own"


def path_of(name: str) -> Path:
    return folder() / f"{name}{SUFFIX}"


def names() -> list[str]:
    """Those that are here, sorted."""
    return [path.stem for path in places.listed(folder(), f"*{SUFFIX}") if NAME.fullmatch(path.stem)]


def sources() -> list[Source]:
    """Every one as the program finds it; a file that cannot be read says so when it is loaded."""
    return [
        Source(name, name, _noun(files.stamp(path)), LICENCE, partial(load, name), partial(_files, name), own=True)
        for name in names()
        if (path := path_of(name)).is_file()
    ]


def _files(name: str) -> tuple[Path, ...]:
    return (path_of(name),)


def name_for(file: str) -> str:
    """A name for the data set in a file.

    >>> name_for("My Ratings (2024).csv.gz")
    'my-ratings-2024'
    """
    stem = Path(file).name.lower().split(".")[0]
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:40] or "own"


def check_name(name: str, taken: list[str]) -> str:
    """`name` if a new data set can have it; DataError for one that cannot be a file's or is taken."""
    if not NAME.fullmatch(name):
        raise DataError(
            f"{name[:60]!r} cannot name a data set; use up to 40 small letters, digits, dots, dashes and underscores"
        )
    if name in taken:
        raise DataError(f"there is a data set {name!r} already; choose another name, or delete that one first")
    return name


def keep(prepared: Prepared) -> Path:
    """Write a data set, whole or not at all.

    Raises:
        DataError: the folder cannot be written to.
    """
    dataset = prepared.dataset
    table = dataset.catalogue.astype(object).where(dataset.catalogue.notna(), None)
    about = {
        "format": FORMAT,
        "noun": prepared.noun,
        "notes": dataset.notes,
        "user_names": dataset.user_names,
        "catalogue": {column: table[column].tolist() for column in table},
    }
    arrays = {field: getattr(dataset, field) for field in ARRAYS}
    if dataset.finer is not None:
        arrays["finer"] = dataset.finer
    arrays["noun"] = np.array(prepared.noun)
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    target = path_of(dataset.name)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        npz.write(target, arrays)
    except OSError as error:
        raise DataError(
            f"cannot write to {folder()} ({error.strerror or error}); make room there, or set CASER_DATA_DIR to a "
            "folder you can write to. Nothing was kept"
        ) from error
    return target


def load(name: str, on_share: Callable[[float], None] | None = None) -> Dataset:
    """Read a data set that was kept, a second for ten million interactions.

    Raises:
        DataError: a file that is damaged or gone; it says the remedy.
    """
    try:
        stored = npz.read(path_of(name), files.LARGEST)
        return _checked(name, stored)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise DataError(
            f"the data set {name!r} cannot be read ({str(error)[:200] or type(error).__name__}); delete it with "
            f"`python -m caser data {name} --delete` and bring it again"
        ) from None


def _checked(name: str, stored: dict[str, np.ndarray]) -> Dataset:
    about = json.loads(stored["about"].tobytes())
    if about["format"] != FORMAT:
        raise ValueError(f"its format is {about['format']!r}, not {FORMAT}")
    kinds = ARRAYS | ({"finer": np.int32} if "finer" in stored else {})  # where times are finer than a second
    arrays = {field: stored[field] for field in kinds}
    for field, kind in kinds.items():
        if arrays[field].dtype != kind or arrays[field].ndim != 1:
            raise ValueError(f"its {field} is {arrays[field].dtype} of shape {arrays[field].shape}")
    catalogue = pd.DataFrame(about["catalogue"])
    catalogue["genres"] = [tuple(map(str, genres)) for genres in catalogue["genres"]]
    if _OLD_WORDS in catalogue:
        catalogue = catalogue.assign(item_id=catalogue.pop(_OLD_WORDS))
    kind = np.int64 if pd.api.types.is_integer_dtype(catalogue["item_id"]) else str
    catalogue = catalogue.astype({"item_id": kind, "title": str, "year": np.int64})
    _check_shapes(arrays, catalogue)
    texts = about["user_names"]
    user_names = None if texts is None else tuple(map(str, texts))
    if user_names is not None and len(user_names) != len(arrays["user_ids"]):
        raise ValueError("it has not as many names of users as users")
    further = [column for column in catalogue if column not in CATALOGUE_COLUMNS]
    return Dataset(
        name=name,
        catalogue=catalogue[[*CATALOGUE_COLUMNS, *further]],
        simulated=False,
        licence=LICENCE,
        notes=tuple(map(str, about["notes"])),
        user_names=user_names,
        **arrays,
    )


def _check_shapes(arrays: dict[str, np.ndarray], catalogue: pd.DataFrame) -> None:
    n, offset, item = len(arrays["item"]), arrays["offset"], arrays["item"]
    alike = all(len(arrays[field]) == n for field in ("timestamp", "rating", "finer") if field in arrays)
    whole = n and alike and len(offset) == len(arrays["user_ids"]) + 1
    if not whole or offset[0] != 0 or offset[-1] != n or (np.diff(offset) <= 0).any():
        raise ValueError("its columns do not fit each other")
    if item.min() < 0 or item.max() >= len(catalogue) or not np.isfinite(arrays["rating"]).all():
        raise ValueError("it holds an item that its list lacks, or a rating that is no number")
    if not (catalogue["item_id"].is_monotonic_increasing and catalogue["item_id"].is_unique):
        raise ValueError("the ids of its items are not in order")


@lru_cache(maxsize=64)
def _noun(stamp: files.Stamp) -> str:
    """What one item is, read without the rest; "item" where it cannot be read."""
    try:
        with Path(stamp[0]).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return str(stored["noun"])[:30]
    except Exception:  # a damaged file can raise nearly anything; `load` says what is wrong
        return "item"


def rename(name: str, new: str, taken: list[str]) -> None:
    """Give a data set another name; see `checkpoint.follow` for the models that were trained on it.

    Raises:
        DataError: a name that cannot be or is taken, or a folder that cannot be written to.
    """
    check_name(new, taken)
    try:
        path_of(name).rename(path_of(new))
    except OSError as error:
        raise DataError(f"cannot rename {name!r} ({error.strerror or error}); check {folder()}") from error


def delete(name: str) -> None:
    """Delete a data set; DataError if that cannot be done."""
    try:
        path_of(name).unlink()
    except OSError as error:
        raise DataError(f"cannot delete {name!r} ({error.strerror or error}); check {folder()}") from error
