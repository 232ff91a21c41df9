"""Every metric of every model, and the share of viewers by the length of the list."""

from __future__ import annotations

from caser.dashboard import results
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import comparison as figures
from caser.dashboard.parts import chart
from caser.dashboard.table import content, table
from caser.evaluation import METRICS
from caser.words import W

TITLE = "All metrics"


def draw(scene: Scene) -> None:
    """A curve and a row for each model, those of the training shown."""
    split = scene.view.split
    ranks = {one.name: results.ranks(one, split) for one in scene.models}
    best_first = sorted(ranks, key=lambda name: -ranks[name].means()["auc"])
    curves = {name: ranks[name].hit_curve() for name in best_first}
    caption = f"HR@k by the number of {W.films} listed, k = 1 to 100. Chart and table are of the training shown"
    chart(figures.hit_curves(curves, {one.name: one.look for one in scene.models}), caption, scene.view)
    summaries = {one.name: results.summary(one, split) for one in scene.models}
    numbers = content.scores(summaries, METRICS)
    table.show(table.plain(numbers, "Every metric of every model, with its interval"), "numbers")
