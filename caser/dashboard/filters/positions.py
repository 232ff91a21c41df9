"""The vertical filters by position."""

from __future__ import annotations

import streamlit as st

from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.filters.scene import Scene
from caser.dashboard.parts import chart
from caser.explain import filters
from caser.words import W

TITLE = "Positions"
NOTE = "Shows how much the vertical filters weigh each position. It leaves out the horizontal filters."


def draw(scene: Scene) -> None:
    """Vertical weights by position, on average and as they add up now."""
    model, view = scene.view.trained.model, scene.view
    left, right = st.columns(2, gap="large")
    with left:
        caption = "One weight per position, the same for everybody. Orange is below zero"
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
        "Counts only the units of z that are active now. The horizontal filters, "
        f"the {W.viewer} and two constants make up the rest of the score"
    )
    chart(filter_figures.vertical_now(scene.filters.vertical, scene.film), caption, view, key="vertical now")
