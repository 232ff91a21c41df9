"""Files that are written whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from caser.files import places
from caser.files.locks import try_lock

LARGEST = 8 << 30  # bytes of a file that is opened
SCRATCH, LOCK = ".caser-unfinished-", "lock"


class BrokenFile(ValueError):
    """A file that is not what it should be; the message says in what."""


def require_regular(path: Path) -> None:
    """Raise BrokenFile for what has no end or no bytes of its own, as a pipe or a folder, or far too many.

    Raises:
        OSError: there is none.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise BrokenFile("it is no regular file")
    if found.st_size > LARGEST:
        raise BrokenFile(f"it has {found.st_size:,} bytes; {LARGEST:,} are opened at the most")


def replace(target: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` make a file on the same disk as `target`, then put it in its place in one step.

    A reader meets the old file or the new one, never half of it. Whatever goes wrong, nothing is left behind.
    """
    with scratch(target.parent) as folder:
        aside = folder / "file"
        write(aside)
        aside.replace(target)


def write_asked(path: Path, text: str) -> None:
    """Write a file that somebody asked for by name, whole or not at all; ValueError with the remedy if that fails."""
    try:
        replace(path, lambda aside: aside.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"cannot write {path} ({error.strerror or error}); give --out a file in a folder that you can write to"
        ) from error


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A new folder in `parent` for what is not whole yet; deleted at the end, with all that is still in it.

    What a killed process left in `parent` is deleted first: nobody holds its lock.
    """
    sweep(parent)
    folder, held = _new_scratch(parent)
    try:
        yield folder
    finally:
        held.close()
        shutil.rmtree(folder, ignore_errors=True)


def _new_scratch(parent: Path) -> tuple[Path, BinaryIO]:
    while True:
        folder = parent / f"{SCRATCH}{uuid.uuid4().hex}"
        folder.mkdir()
        with suppress(FileNotFoundError):  # swept away before it was locked
            held = (folder / LOCK).open("ab")
            if try_lock(held) and (folder / LOCK).exists():
                return folder, held
            held.close()


def sweep(parent: Path) -> None:
    """Delete what killed processes left unfinished in a folder; what cannot be deleted stays."""
    for folder in places.listed(parent, f"{SCRATCH}*"):
        with suppress(OSError):
            folder.rmdir()  # killed before it had a lock
        with suppress(OSError), (folder / LOCK).open("rb") as file:
            if try_lock(file):
                shutil.rmtree(folder, ignore_errors=True)


Stamp = tuple[str, int, int, int, int]


def stamp(path: Path) -> Stamp:
    """Changes whenever a file does: also when another of the same size and time of change takes its place.

    Raises:
        OSError: there is none.
    """
    found = path.stat()
    return str(path), found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
