"""Folders that a person names, the one where things go if nobody does, and the one that the program came with."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def home() -> Path:
    """Where what is not said otherwise is kept: ~/.cache/caser; for a user without home, a temporary folder."""
    found = Path(os.path.expanduser("~"))
    return found / ".cache" / "caser" if found.is_absolute() else Path(tempfile.gettempdir()) / "caser"


def shipped() -> Path:
    """The folder with app.py, pages/ and checkpoints/: the checkout or, of an installed package, a folder within it."""
    package = Path(__file__).parents[1]
    installed = package / "_app"
    return installed if installed.is_dir() else package.parent


def is_installed() -> bool:
    """Whether this is no checkout, so that nothing is written beside the package."""
    return shipped().name == "_app"


def chosen(variable: str, default: Path) -> Path:
    """The folder that an environment variable names, else `default`; it need not exist.

    `~` and `~name` are people's homes; as in a shell, one that nobody has is taken literally.
    """
    given = os.environ.get(variable)
    return Path(os.path.expanduser(given)) if given else default


def listed(folder: Path, pattern: str) -> list[Path]:
    """The paths in a folder that match, sorted; [] where it is not there or cannot be one, as with a name too long."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []
