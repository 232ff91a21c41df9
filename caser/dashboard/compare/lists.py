"""Beyond accuracy: what the lists hold, and what a model costs."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results
from caser.dashboard.compare.scene import Scene
from caser.dashboard.table import content, table
from caser.words import W

TITLE = "Lists and cost"
MOST_LISTED = 10


def draw(scene: Scene) -> None:
    """A row for each model."""
    split = scene.view.split
    k = min(MOST_LISTED, int(results.ranks(scene.models[0], split).candidates.min()))
    rows = {one.name: (results.lists(one, split, k), results.cost(one, split)) for one in scene.models}
    table.show(table.plain(content.lists_and_costs(rows), "The lists and the cost of every model"), "lists")
    n, everybody = results.listed_for(split), len(split.evaluated)
    whose = f"every {W.viewer}" if n == everybody else f"{n:,} of {everybody:,} {W.viewers}, evenly drawn"
    st.caption(
        f"Lists: the first {k} {W.films} of {whose}. Novelty: with one bit more, half as many {W.viewers} know "
        f"{W.a_film} of the list (mean of -log2 of their share). Training time is the recorded one, on the machine of "
        f"that training. The time for a list is measured here, for one {W.viewer}: the median of ten."
    )
