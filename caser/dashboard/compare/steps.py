"""From Caser to a model with curves, each change trained several times."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import steps as figures
from caser.dashboard.parts import chart
from caser.field import steps as field

TITLE = "From Caser to longer convolutions"


def draw(scene: Scene) -> None:
    """One chart; where nothing was measured, how to measure it."""
    models = [one for one in scene.models if one.checkpoint and one.model.has_curves]
    ways = ((one, results.steps(one.checkpoint, scene.metric)) for one in models)
    model, way = next(((one, way) for one, way in ways if way), (None, ()))
    if model is None:
        name = models[0].checkpoint.name if models else "CHECKPOINT"
        st.info(f"Not measured yet. `python -m caser study {name}` of a ConvFormer trains every step three times.")
        return
    st.markdown(wording.plain(field.sentence(way, scene.metric)))
    caption = "Each row keeps what the rows above changed. Circles: one training each; diamonds: their mean"
    chart(figures.steps(way, scene.metric), caption, scene.view)
