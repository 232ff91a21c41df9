"""Parsed data sets kept in binary form, so that a large one opens in seconds the next time.

One uncompressed `.npz` for each data set, named by the checksum of the files it was parsed from. Its
zip checksums tell a damaged file from a good one, and nothing in it is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from caser import files
from caser.data.archive import data_dir, home_dir
from caser.data.dataset import CATALOGUE_COLUMNS, LINK_COLUMNS, Dataset
from caser.files import npz

VERSION = 3  # raise when the parser or this layout changes, so that older files are not used
ARRAYS = {
    "item": np.int64,
    "timestamp": np.int64,
    "rating": np.float32,
    "offset": np.int64,
    "user_ids": np.int64,
}

log = logging.getLogger(__name__)


def key_of(name: str, paths: Sequence[Path]) -> str:
    """A name for what parsing `paths` gives: the same content has the same key, wherever it lies."""
    digest = hashlib.blake2b(f"{VERSION}".encode(), digest_size=8)
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return f"{name}-{digest.hexdigest()}"


def recall(key: str, name: str, licence: str) -> Dataset | None:
    """The data set kept under `key`; None if there is none, or only a damaged one (which is logged)."""
    for path in _places(key):
        if not path.is_file():
            continue
        try:
            return _read(path, name, licence)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            log.warning("%s is damaged (%s); parsing the source files again", path, error)
    return None


def keep(key: str, dataset: Dataset) -> Path | None:
    """Store `dataset` under `key` in the first folder that takes it; None, with a warning, if none does."""
    reasons = []
    for path in _places(key):
        try:
            _write(path, dataset)
            return path
        except OSError as error:
            reasons.append(f"{path.parent}: {error.strerror or error}")
    log.warning(
        "%s will be parsed anew every time: cannot write to %s; set CASER_DATA_DIR to a folder you can write to",
        dataset.name,
        "; ".join(reasons),
    )
    return None


def _places(key: str) -> list[Path]:
    folders = dict.fromkeys([data_dir(), home_dir()])
    return [folder / "parsed" / f"{key}.npz" for folder in folders]


def _read(path: Path, name: str, licence: str) -> Dataset:
    stored = npz.read(path, files.LARGEST)
    arrays = {field: stored[field].astype(kind, copy=False) for field, kind in ARRAYS.items()}
    catalogue, notes = (json.loads(stored[field].tobytes()) for field in ("catalogue", "notes"))
    catalogue["genres"] = [tuple(genres) for genres in catalogue["genres"]]
    frame = pd.DataFrame({column: catalogue[column] for column in _columns(catalogue)})
    return Dataset(name=name, catalogue=frame, simulated=False, licence=licence, notes=tuple(notes), **arrays)


def _write(path: Path, dataset: Dataset) -> None:
    """Write aside and rename, so that a reader never meets half a file."""
    arrays = {field: getattr(dataset, field) for field in ARRAYS}
    catalogue = {column: dataset.catalogue[column].tolist() for column in _columns(dataset.catalogue)}
    texts = {"catalogue": catalogue, "notes": dataset.notes}
    arrays |= {field: np.frombuffer(json.dumps(text).encode(), np.uint8) for field, text in texts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    npz.write(path, arrays)


def _columns(catalogue) -> list[str]:
    """The columns to keep: those every catalogue has, and the links where it has them."""
    return [*CATALOGUE_COLUMNS, *(column for column in LINK_COLUMNS if column in catalogue)]
