"""Every metric of every model as a table."""

from __future__ import annotations

from caser.dashboard import results
from caser.dashboard.compare.scene import Scene
from caser.dashboard.table import content, table
from caser.evaluation import METRICS

TITLE = "The numbers"


def draw(scene: Scene) -> None:
    """A row for each model."""
    summaries = {one.name: results.summary(one, scene.view.split) for one in scene.models}
    numbers = content.scores(summaries, METRICS)
    table.show(table.plain(numbers, "Every metric of every model, with its interval"), "numbers")
