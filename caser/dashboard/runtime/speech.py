"""Each session's pages speak of the items of its own data set."""

from __future__ import annotations

import streamlit as st

from caser import words
from caser.dashboard.runtime.private import on_a_page

_KEPT = "noun of the data"  # a fragment runs without the page around it, so the session remembers


def speak_of(noun: str) -> None:
    """From now on this session's pages call one item so."""
    st.session_state[_KEPT] = words.known(noun)


def _of_session() -> str:
    return st.session_state.get(_KEPT, words.FILM) if on_a_page() else words.FILM


words.ask(_of_session)
