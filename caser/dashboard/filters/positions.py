"""The vertical filters by position."""

from __future__ import annotations

import streamlit as st

from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.filters.scene import Scene
from caser.dashboard.parts import chart
from caser.explain import filters

TITLE = "Positions"
NOTE = "Shows how much the vertical filters weigh each position. It leaves out the horizontal filters."


def draw(scene: Scene) -> None:
    """Vertical weights by position, on average and as they add up now."""
    model, view = scene.view.trained.model, scene.view
    left, right = st.columns(2, gap="large")
    with left:
        caption = "One weight for each position, printed in its cell, the same for everybody; below zero is orange"
        chart(
            filter_figures.vertical_weights(filters.vertical_weights(model), scene.films),
            caption,
            view,
            key="vertical",
        )
    with right:
        caption = "Mean size of the weights, whatever their sign, over all vertical filters"
        size = filters.position_weight(model)
        chart(filter_figures.position_weights(size, scene.films), caption, view, key="heeded")
    caption = (
        "Through the present active units of z; with the horizontal filters, the user and two constants it is the score"
    )
    chart(filter_figures.vertical_now(scene.filters.vertical, scene.film), caption, view, key="vertical now")
