"""Another Python process that finds this very package, wherever it was started from."""

from __future__ import annotations

import os
from pathlib import Path


def environment(**more: str) -> dict[str, str]:
    """This process's environment with `more`, and with what `import caser` needs."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | more | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
