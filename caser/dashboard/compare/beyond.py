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
        whose = f"every {W.viewer}" if n == everybody else f"{n:,} of {everybody:,} {W.viewers}, evenly drawn"
        caption = (
            f"The first {k} {W.films} of {whose}; more lists cover more. Novelty: with one bit more, half as many "
            f"{W.viewers} know {W.a_film} of the list (mean of -log2 of their share)"
        )
        chart(figures.coverage(lists, looks, k), caption, view)
    with right:
        table.show(table.plain(content.lists(lists), f"The first {k} {W.films} of every model"), "lists")
        costs = {model.name: results.cost(model, view.split) for model in scene.models}
        table.show(table.plain(content.costs(costs), "The cost of every model"), "costs")
        st.caption(
            "Training time is the recorded one, on the machine of that training. The time for a list is measured here, "
            f"for one {W.viewer}: the median of ten."
        )
