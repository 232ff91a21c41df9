"""How charts are drawn and saved: with type that can be read from the back of a room, as PNG or as SVG."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from caser.dashboard.figures import plot
from caser.dashboard.presenting.stage import presenting
from caser.dashboard.selection import choice

FORMAT = "saved"  # the parameter in the URL, and the widget's key
FORMATS = ("png", "svg")
DOTS = 2  # pixels of a saved PNG for one on screen


def settings() -> None:
    """As what the camera above a chart saves it."""
    choice(st.radio, "Save charts as", FORMATS, FORMAT, format_func=str.upper, horizontal=True)


def drawn(figure: go.Figure) -> go.Figure:
    """The figure, with larger type while somebody presents."""
    return plot.enlarged(figure) if presenting() else figure


def config(name: str) -> dict:
    """Plotly's own settings: nothing above a chart but the camera, which saves what is on screen under a name."""
    saved = {"format": st.session_state.get(FORMAT, FORMATS[0]), "filename": name, "scale": DOTS}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
        "scrollZoom": False,
    }
