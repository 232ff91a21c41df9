"""The Filters page's view that compares a pinned history with this one."""

from __future__ import annotations

from caser.dashboard.filters.scene import Scene
from caser.dashboard.pinned import histories

TITLE, NOTE = histories.TITLE, histories.NOTE


def draw(scene: Scene) -> None:
    """This history beside the pinned one."""
    histories.draw(scene.view, scene.item)
