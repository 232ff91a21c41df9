"""The page as it is shown to a room: nothing beside it, and everything as large as it can be."""

from __future__ import annotations

import streamlit as st

from caser.dashboard.runtime.component import component
from caser.dashboard.selection import write_on_page

PRESENTING = "presenting"  # the parameter in the URL, and the switch's key
_OLD = "type"  # in addresses made when charts alone could be enlarged
_enlarge = component("caser_stage", __file__)


def presenting() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get(PRESENTING) == "1" or st.query_params.get(_OLD) == "large"


def beside_the_page(one_screen: bool):
    """Where pages, data and models are picked: the sidebar, or a menu in the corner while somebody presents.

    Args:
        one_screen: whether all of the page is to be seen at once then.
    """
    if not presenting():
        return st.sidebar
    with st.container(key="corner"):
        _enlarge(key="stage", data={"fits": one_screen})
        return st.popover("Menu", icon=":material/menu:", width="content")


def switch() -> None:
    """The switch that turns it on and off."""
    st.session_state[PRESENTING] = presenting()
    st.toggle(
        "Presenting",
        key=PRESENTING,
        on_change=lambda: write_on_page(**{_OLD: None, PRESENTING: "1" if st.session_state[PRESENTING] else None}),
        help="Hides this column and enlarges text, charts and the picture.",
    )
