"""One model under other protocols than the page's own."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures import protocols as figures
from caser.dashboard.parts import chart
from caser.dashboard.selection import choose_on_page, page_choice

TITLE = "The same model, other protocols"
PICKED = "read"  # the parameter in the URL, and the widget's key


@st.fragment
def draw(scene: Scene) -> None:
    """What the protocols that papers use make of one model."""
    there = [one.name for one in scene.models]
    page_choice(PICKED, there)
    st.selectbox("Model read", there, key=PICKED, on_change=choose_on_page, args=(PICKED, there), width=320)
    one = scene.named(st.session_state[PICKED])
    found = results.readings(one, scene.view.split, scene.metric)
    caption = (
        "The first row is the protocol of this page; bars are 95 % intervals over viewers. Hold numbers against each "
        "other only within one protocol"
    )
    chart(figures.chart(found, one.name, scene.metric), caption, scene.view)
    if one.checkpoint and one.model.has_filters and not results.measured(one.checkpoint):
        st.caption(
            "Seen films ranked too, and the other rule on ties, are read in a study: "
            f"`python -m caser study {one.checkpoint.name}`."
        )
    if not one.checkpoint or not one.model.has_filters:
        st.caption(wording.plain(f"The other rule on ties would need {one.name} trained anew, so it is left out."))
