"""Beyond accuracy: what the lists hold, and what a model costs."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import beyond as figures
from caser.dashboard.parts import chart
from caser.dashboard.table import content, table
from caser.words import W

TITLE = "Beyond accuracy, and what it costs"
MOST_LISTED = 10


def draw(scene: Scene) -> None:
    """Coverage as a chart; popularity, novelty and cost as tables."""
    view = scene.view
    k = min(MOST_LISTED, int(results.ranks(scene.models[0], view.split).candidates.min()))
    lists = {model.name: results.lists(model, view.split, k) for model in scene.models}
    looks = {model.name: model.look for model in scene.models}
    left, right = st.columns(2, gap="large")
    with left:
        n, everybody = results.listed_for(view.split), len(view.split.evaluated)
        whose = "Everybody's" if n == everybody else f"Of {n:,} of {everybody:,} {W.viewers}, evenly drawn, the"
        caption = (
            f"{whose} first {k} {W.films}; more lists cover more. Novelty is the mean of -log2 of the share of "
            f"{W.viewers} who {W.watched} {W.a_film}: one bit more is half as well known"
        )
        chart(figures.coverage(lists, looks, k), caption, view)
    with right:
        table.show(table.plain(content.lists(lists), f"What the first {k} of every model hold"), "lists")
        costs = {model.name: results.cost(model, view.split) for model in scene.models}
        table.show(table.plain(content.costs(costs), "What every model costs"), "costs")
        st.caption(
            "Training as each checkpoint records it, on the machine it was trained on. A list is timed here and now, "
            f"for one {W.viewer}: the median of ten."
        )
