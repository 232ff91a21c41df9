"""Locks on files: the system lets go of one when its holder dies, however it dies."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

if os.name == "nt":
    import msvcrt
else:
    import fcntl


def try_lock(file: BinaryIO, shared: bool = False) -> bool:
    """Take the lock on an open file; False if somebody holds it. Closing the file lets go."""
    try:
        if os.name == "nt":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def lock(file: BinaryIO) -> None:
    """Take the lock on an open file, waiting for it."""
    while not try_lock(file):
        time.sleep(0.02)


def is_held(path: Path) -> bool:
    """Whether a file's lock is held; asked with a shared lock, so that those who ask do not take each other for it."""
    try:
        with path.open("rb") as file:
            return not try_lock(file, shared=True)
    except OSError:  # there is none, or it is not ours to open
        return False
