"""Files that are written whole or not at all."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any


def replace(target: Path, write: Callable[[Path], Any]) -> None:
    """Let `write` make a file beside `target`, then put it in its place in one step.

    A reader meets the old file or the new one, never half of it. Whatever goes wrong, nothing is left behind.
    """
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        write(aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
