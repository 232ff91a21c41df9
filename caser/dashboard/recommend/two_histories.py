"""The part of the Recommend page that compares a pinned history with this one."""

from __future__ import annotations

import numpy as np

from caser.dashboard.pinned import histories
from caser.dashboard.view import View

TITLE = histories.TITLE


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """This history beside the pinned one."""
    histories.draw(view, item)
