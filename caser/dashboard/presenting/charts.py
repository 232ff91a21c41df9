"""How charts are drawn and saved: with type that can be read from the back of a room, as PNG or as SVG."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from caser.dashboard.figures import plot
from caser.dashboard.selection import choice

TYPE, FORMAT = "type", "saved"  # parameters in the URL, and the widgets' keys
USUAL, LARGE = "usual", "large"
TYPES, FORMATS = (USUAL, LARGE), ("png", "svg")
DOTS = 2  # pixels of a saved PNG for one on screen


def settings() -> None:
    """The two choices, which hold for every chart of the page."""
    with st.popover("Presenting", icon=":material/co_present:", width="stretch"):
        for key, label, options, spelled in (
            (TYPE, "Text in charts", TYPES, str.capitalize),
            (FORMAT, "Save charts as (camera button)", FORMATS, str.upper),
        ):
            choice(st.segmented_control, label, options, key, required=True, format_func=spelled)


def drawn(figure: go.Figure) -> go.Figure:
    """The figure with the type that is chosen."""
    return plot.enlarged(figure) if st.session_state.get(TYPE) == LARGE else figure


def config(name: str) -> dict:
    """Plotly's own settings: nothing above a chart but the camera, which saves what is on screen under a name."""
    saved = {"format": st.session_state.get(FORMAT, FORMATS[0]), "filename": name, "scale": DOTS}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
        "scrollZoom": False,
    }
