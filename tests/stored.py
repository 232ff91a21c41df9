"""Checkpoints changed by hand, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from caser.files import arrays


def rewrite(path: Path, change: Callable[[dict, dict], None]) -> None:
    """Let `change` alter the record and the arrays of a checkpoint; it is written as if it had always been so."""
    record, weights = arrays.read(path, lambda record, shapes: None)
    change(record, weights)
    arrays.write(path, record, weights)


def set_fields(path: Path, **fields) -> None:
    """Set fields of a checkpoint's record."""
    rewrite(path, lambda record, weights: record.update(fields))
