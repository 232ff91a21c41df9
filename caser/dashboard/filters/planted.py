"""What was planted in simulated viewers, and which filter has it, in a line."""

from __future__ import annotations

import streamlit as st

from caser import data
from caser.dashboard import results
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.explain.planted import Pattern


def draw(view: View) -> None:
    """A badge for every planted pattern; nothing where viewers are real."""
    patterns = results.planted(view.trained, view.split) if view.trained.model.has_filters else ()
    if not patterns:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        said = " ".join(map(_badge, patterns))
        st.markdown(f"**Planted:** {said}", help=data.source(view.dataset.name).planted, width="content")
        for name in dict.fromkeys(pattern.filter for pattern in patterns if pattern.filter):
            params = view.selection.params() | {"filter": name, "view": "Are they real?"}
            link("filters", f"See {name}", params, ":material/arrow_forward:")


def _badge(pattern: Pattern) -> str:
    if pattern.filter:
        return f":green-badge[:material/check: {pattern.rule}: filter {pattern.filter}]"
    return f":gray-badge[{pattern.rule}: in no single filter]"
