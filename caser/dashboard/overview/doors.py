"""Four ways on from Overview."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from caser.dashboard import loaders
from caser.dashboard.selection import link
from caser.dashboard.view import View

_STYLE = "<style>.st-key-doors a {border: 1px solid rgba(128,128,128,.45); padding: .5rem .9rem}</style>"


def draw(view: View) -> None:
    """Look inside, compare, train, and the chapter, with its own model where there is one."""
    chapter, params = loaders.of_the_chapter(view.dataset.name), view.selection.params()
    st.html(_STYLE)
    with st.container(key="doors", horizontal=True):
        link("filters", "Look inside", params)
        link("compare", "Is it really better?", params)
        link("train", "Train your own in 20 s", params)
        own = replace(view.selection, model=chapter.name).params() if chapter else params
        link("chapter", "The chapter, line by line", own)
