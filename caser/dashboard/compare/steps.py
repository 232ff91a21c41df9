"""From Caser to a model with curves, each change trained several times."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import steps as figures
from caser.dashboard.lineup import Contender
from caser.dashboard.parts import chart
from caser.field import steps as field

TITLE = "From Caser to longer convolutions"


def leads_to(scene: Scene) -> list[Contender]:
    """The models with curves among those compared."""
    return [one for one in scene.models if one.checkpoint and one.model.has_curves]


def draw(scene: Scene) -> None:
    """One chart; where nothing was measured, how to measure it."""
    models = leads_to(scene)
    way = next(filter(None, (results.steps(one.checkpoint, scene.metric) for one in models)), ())
    if not way:
        st.info(f"Not measured yet. `python -m caser study {models[0].checkpoint.name}` trains every step three times.")
        return
    st.markdown(wording.plain(field.sentence(way, scene.metric)))
    caption = "Each row keeps what the rows above changed. Circles: one training each; diamonds: their mean"
    chart(figures.steps(way, scene.metric), caption, scene.view)
