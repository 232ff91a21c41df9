"""One model under other protocols than the page's own."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import protocols as figures
from caser.dashboard.lineup import Contender
from caser.dashboard.parts import chart
from caser.dashboard.selection import choice
from caser.words import W

TITLE = "The same model, other protocols"
PICKED = "read"  # the parameter in the URL, and the widget's key


@st.fragment
def draw(scene: Scene) -> None:
    """What the protocols that papers use make of one model."""
    there = [model.name for model in scene.models]
    choice(st.selectbox, "Model read", there, PICKED, width=320)
    model = scene.named(st.session_state[PICKED])
    readings = results.readings(model, scene.view.split, scene.metric)
    caption = (
        f"The first row is the protocol of this page; bars are 95 % intervals over {W.viewers}. Compare numbers only "
        "within one protocol"
    )
    chart(figures.chart(readings, model.name, scene.metric), caption, scene.view)
    _ties(scene, model)


def _ties(scene: Scene, model: Contender) -> None:
    """What the other rule on ties would change, and where it can be read."""
    moved = (
        f"The other rule on ties holds another {W.film} out for "
        f"{results.moved_by_ties(scene.view.split):.0%} of {W.viewers}"
    )
    name = wording.plain(model.name)
    if model.checkpoint is None or not model.model.has_filters:
        st.caption(f"{moved}; {name} would have to be trained anew for it, which only the study of a Caser does.")
    elif not results.measured(model.checkpoint):
        st.caption(f"{moved}; `python -m caser study {model.checkpoint.name}` trains {name} anew for it.")
    else:
        st.caption(f"{moved}; {name} was trained anew for it.")
