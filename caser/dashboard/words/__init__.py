"""What one item and one user of the data set looked at are called, in the words of every page.

Texts are written in the words of films, as `f"{W.films}"`; where the items are books, that reads "books".
"""

from __future__ import annotations

import re
from contextvars import ContextVar

import streamlit as st

from caser.dashboard.private import on_a_page
from caser.data.text import is_film, plural

FILM = "film"
_KEPT = "noun of the data"  # a fragment runs without the page around it, so the session remembers
_carried: ContextVar[str] = ContextVar("noun of the data, where there is no session", default=FILM)
_WORDS = re.compile(r"\b([Aa] film|[Ff]ilms?|[Vv]iewers?|[Ww]atched|[Ww]atching)\b")
_OTHERS = {"viewer": "user", "viewers": "users", "watched": "picked", "watching": "picking"}


def speak_of(noun: str) -> None:
    """From now on this session's pages call one item so."""
    st.session_state[_KEPT] = FILM if is_film(noun) else noun


def carry() -> None:
    """Have work that is begun here, in a thread of its own, call one item as the session's pages do."""
    _carried.set(_noun())


def of_films() -> bool:
    """Whether this session's pages speak of films."""
    return _noun() == FILM


class _Words:
    """`film`, `films`, `a_film`, `viewer`, `viewers`, `watched`, `watching` of this session, each as a capital too."""

    def __getattr__(self, word: str) -> str:
        noun = _noun()
        said = word.replace("_", " ") if noun == FILM else _other(word.lower(), noun)
        return said[0].upper() + said[1:] if word[0].isupper() else said


def _noun() -> str:
    return st.session_state.get(_KEPT, FILM) if on_a_page() else _carried.get()


def _other(word: str, noun: str) -> str:
    if word == "a_film":
        return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"
    return {"film": noun, "films": plural(noun)}.get(word) or _OTHERS[word]


W = _Words()


def spoken(text: str) -> str:
    """A constant text of ours in the words of the data; never for text from outside, such as a title."""
    if of_films():
        return text
    return _WORDS.sub(lambda found: getattr(W, found[0].replace(" ", "_")), text)
