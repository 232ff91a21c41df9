"""Who leads, by how much, and how sure that is."""

from __future__ import annotations

import streamlit as st

from caser import report
from caser.dashboard import results
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import comparison, field
from caser.dashboard.parts import chart
from caser.field.standings import FEWEST_TRAININGS
from caser.words import W

TITLE = "The field"


def draw(scene: Scene) -> None:
    """A row for each model beside their HR@k curves."""
    view, metric = scene.view, scene.metric
    standings = results.standings(scene.models, view.split, metric)
    looks = {model.name: model.look for model in scene.models}
    left, right = st.columns(2, gap="large")
    with left:
        caption = (
            f"Bars: 95 % intervals over {W.viewers} for the training shown. Ticks: the means of all trainings. "
            f"Two models with {FEWEST_TRAININGS} trainings or more each are compared over trainings (Welch's test). "
            f"Others are compared over {W.viewers} (paired test). Both tests are corrected for all pairs shown (Holm)"
        )
        chart(field.leaderboard(standings, looks), caption, view)
    with right:
        best_first = [scene.named(row.name) for row in standings.rows]
        curves = {model.name: results.ranks(model, view.split).hit_curve() for model in best_first}
        chart(comparison.hit_curves(curves, looks), f"HR@k by the number of {W.films} listed, k = 1 to 100", view)
    st.download_button(
        "Save as one HTML page",
        lambda: page(scene),
        f"{view.dataset.name}-comparison.html",
        "text/html",
        icon=":material/download:",
        on_click="ignore",
        help="The models, their tests, what does the work and how each was trained, in one file that works offline.",
    )


def page(scene: Scene) -> str:
    """The comparison as a page of its own, by the names on screen."""
    return report.html(
        [results.entry(model, scene.view.split) for model in scene.models], scene.view.split, scene.metric
    )
