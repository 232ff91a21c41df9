"""The search box: films are suggested while somebody types, and one of them, or what was typed, is taken."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from caser.dashboard import ids
from caser.dashboard.ids import OwnId
from caser.dashboard.runtime.component import component
from caser.dashboard.search import answers
from caser.data.dataset import Dataset
from caser.data.titles import LONGEST_TITLE
from caser.words import W

_mount = component("caser_search", __file__, '<div class="film-search"></div>')


def draw(
    dataset: Dataset,
    label: str,
    key: str,
    pick: Callable[[OwnId], None],
    typed: Callable[[str], None],
    disabled: bool = False,
    width: int = 330,
) -> None:
    """Draw a search box.

    Args:
        label: what it is for. width: in pixels, where there is room.
        pick: called with the own id of the suggestion that is taken.
        typed: called with what was typed where no suggestion is taken, as where there is none or the server is away.
    """

    def taken() -> None:
        kind, text = st.session_state[key].get("taken") or (None, "")
        try:
            film = ids.film(dataset, text) if kind == "film" else None
        except ValueError:  # of a data set that was left a moment ago
            film = None
        if film is not None:
            pick(film)
        elif text:
            typed(text)

    told = {
        "label": label,
        "address": answers.address(dataset),
        "disabled": disabled,
        "longest": LONGEST_TITLE,
        "films": W.films,
    }
    _mount(key=key, data=told, width=width, on_taken_change=taken)
