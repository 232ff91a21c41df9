"""The chapter's exercises, and two more: each a link to where it is answered, or the command that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from caser.dashboard import results
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.words import W, spoken

SWEPT = {  # by setting: the exercise, and the values of the command
    "L": ("Vary L: does a longer history help?", "L=3,5,9"),
    "d": ("Vary the numbers per film (d here)", "d=5,10,20"),
    "loss": ("Another loss", "loss=bpr,bce,softmax"),
}
METRIC = "hr@50"


def draw(view: View) -> None:
    """One line each."""
    model, params = view.trained, view.selection.params()
    study = None if results.measured(model) else f"python -m caser study {model.name}"
    _line("Take out the horizontal or the vertical filters", "compare", params | {"part": "works"}, study)
    for setting, (title, values) in SWEPT.items():
        swept = setting in results.sweeps(model, METRIC)
        command = None if swept else f"python -m caser study {model.name} --vary {values}"
        _line(spoken(title), "compare", params | {"part": "sweep", "setting": setting}, command)
    _line(f"Session-based: the same {W.films}, nobody known", "recommend", _anonymous(view))
    _line("Session-based: trained without the user", "compare", params | {"part": "works"}, study)
    _line("Another data set, also your own", "data", params)


def _anonymous(view: View) -> dict[str, str]:
    """The address of the same films as those of a new visitor."""
    if view.anonymous:
        return view.selection.params()
    films = tuple(view.dataset.item_id(item) for item in view.window)
    return replace(view.selection, sequence=films, private=False).params()


def _line(title: str, page: str, params: Mapping[str, str], command: str | None = None) -> None:
    """A link to the answer; where it was not measured yet, the command instead."""
    if command is None:
        link(page, title, params, ":material/arrow_forward:")
    else:
        st.markdown(f"{title}: `{command}`")
