"""Named arrays in numpy's own form, read whole and trusted in nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from caser.files import BrokenFile, replace, require_regular

LARGEST = 1 << 30  # bytes, unpacked


def read(path: Path, largest: int = LARGEST) -> dict[str, np.ndarray]:
    """Every array of a `.npz` file; nothing in it is unpickled.

    Raises:
        BrokenFile: it is not there, no regular file, damaged, or would unpack to more than `largest` bytes.
    """
    try:
        require_regular(path)
        # The file is opened here because np.load leaves a damaged one open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            size = sum(member.file_size for member in stored.zip.infolist())
            if size > largest:
                raise BrokenFile(f"it would unpack to {size:,} bytes; {largest:,} are read at the most")
            return {name: stored[name] for name in stored.files}
    except BrokenFile:
        raise
    except Exception as error:  # numpy's reader raises nearly anything on damaged bytes
        raise BrokenFile(str(error).splitlines()[0] if str(error) else type(error).__name__) from error


def write(path: Path, arrays: dict[str, np.ndarray], compressed: bool = False) -> None:
    """Write arrays, whole or not at all; OSError if that cannot be."""
    save = np.savez_compressed if compressed else np.savez

    def save_aside(aside: Path) -> None:
        with aside.open("wb") as file:
            save(file, **arrays)

    replace(path, save_aside)
