"""Four ways on from Overview."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from caser.dashboard import loaders
from caser.dashboard.selection import link
from caser.dashboard.view import View

_STYLE = "<style>.st-key-doors a {border: 1px solid rgba(128,128,128,.45); padding: .5rem .9rem}</style>"


def draw(view: View) -> None:
    """Look inside, compare, train, and the chapter's own model or else its data."""
    chapter, params = chapter_model(view), view.selection.params()
    st.html(_STYLE)
    with st.container(key="doors", horizontal=True):
        link("filters", "Look inside", params)
        link("compare", "Is it really better?", params)
        link("train", "Train your own in 20 s", params)
        own = replace(view.selection, model=chapter).params() if chapter else params
        link("filters" if chapter else "data", "The chapter, line by line", own)


def chapter_model(view: View) -> str | None:
    """The checkpoint trained as the chapter trains, by its own negative rule; None where the data set has none."""
    chapters = (one for one in loaders.with_filters(view.dataset.name) if one.metadata.config.training.hide_test)
    return next((one.name for one in chapters), None)
