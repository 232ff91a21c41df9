"""A second history, pinned beside the one selected: the lists, the parts of one score, and the filters that fired."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import loaders, results, wording
from caser.dashboard.figures.recommend import rank_moves
from caser.dashboard.film import catalogue_scores, explanation_of, film_names, score_parts
from caser.dashboard.names import capital, filter_name, no_film
from caser.dashboard.parts import chart
from caser.dashboard.selection import choose
from caser.dashboard.table import table
from caser.dashboard.view import View, look_at
from caser.explain.explanation import Explanation
from caser.recommend import rank_all
from caser.words import W

TITLE = "Two histories"
MOST_FILTERS = 12  # of which the two histories differ most


def pinned(view: View) -> View | None:
    """The pinned history as a view; None where none is pinned."""
    pin = view.selection.pin
    if pin is None:
        return None
    whose = {"sequence": pin} if isinstance(pin, tuple) else {"user": pin, "sequence": None}
    return look_at(replace(view.selection, **whose, pin=None))


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """This history beside the pinned one."""
    other = pinned(view)
    _buttons(view, other)
    if other is None:
        st.info(
            f"Pin this history, then turn to another {W.viewer} or change the {W.films}.", icon=":material/push_pin:"
        )
        return
    if (other.user, other.history) == (view.user, view.history):
        st.caption(f"This is the pinned history itself: turn to another {W.viewer} or change the {W.films}.")
    for words, one in (("Pinned", other), ("Here", view)):
        st.markdown(f"**{words}**, {wording.plain(one.who)}: {_films(one)}")
    _lists(view, other)
    if view.trained.model.has_filters:
        found = explanation_of(view, item), explanation_of(other, item)
        _parts(view, other, item, *found)
        _filters(view, *found)


def _films(view: View) -> str:
    named = [wording.plain(name) for name in film_names(view) if name != no_film()]
    return " → ".join(named) or f"no {W.films} that this model reads"


def _buttons(view: View, other: View | None) -> None:
    history = view.selection.sequence if view.anonymous else view.selection.user
    with st.container(horizontal=True):
        label = "Pin this history" if other is None else "Pin this one instead"
        st.button(
            label,
            icon=":material/push_pin:",
            key="pin",
            on_click=choose,
            kwargs={"pin": history},
            disabled=view.selection.private,
            help="A pin is part of the address, but this history is only in memory. Make a link of it first."
            if view.selection.private
            else None,
        )
        if other is not None:
            st.button("Unpin", icon=":material/close:", key="unpin", on_click=choose, kwargs={"pin": None})


def _lists(view: View, other: View) -> None:
    k = min(view.selection.k, 10)
    ranks = [rank_all(catalogue_scores(one), one.left_out) for one in (other, view)]
    film_moves = rank_moves.moves(*ranks, loaders.labels(view.dataset), k)
    what = f"{capital(view.who)} beside {other.who}"
    figure = rank_moves.rank_moves(film_moves, k, what, ("pinned", "here"))
    chart(
        figure,
        f"The same model on both. {W.Films} that one history holds are not ranked there",
        view,
        key="both",
    )


def _parts(view: View, other: View, item: int, here: Explanation, there: Explanation) -> None:
    """The parts of one film's score for both."""
    columns = {}
    for words, one, found in (("Pinned", other, there), ("Here", view, here)):
        parts = score_parts(one, found.filters)
        parts = {name.replace("a new visitor's part", f"who is {W.watching}"): value for name, value in parts.items()}
        columns[words] = parts | {"score": found.score}
    names = [*dict.fromkeys([name for name in columns["Here"] if name != "score"]), "score"]
    rows = [[capital(name), *(f"{columns[side].get(name, 0):+.2f}" for side in columns)] for name in names]
    label = f"What the score of {wording.film_name(view, item)} is made of"
    st.markdown(f"**{wording.plain(label)}**")
    table.show(table.plain(pd.DataFrame(rows, columns=["Part", *columns]), label), "parts of both")


def _filters(view: View, here: Explanation, there: Explanation) -> None:
    """The horizontal filters whose responses differ most."""
    called, rows = results.filter_names(view.trained, view.split), []
    for here_filter, pinned_filter in zip(here.filters.horizontal, there.filters.horizontal, strict=True):
        key = here_filter.height, here_filter.index
        cells = [
            filter_name(*key),
            called[key].text,
            *(f"{f.activation:.2f}" if f.alive else "inactive" for f in (pinned_filter, here_filter)),
        ]
        rows.append((abs(here_filter.activation - pinned_filter.activation), cells))
    rows = [cells for apart, cells in sorted(rows, key=lambda row: -row[0])[:MOST_FILTERS] if apart]
    label = f"The {len(rows)} horizontal filters whose responses differ most"
    st.markdown(f"**{label}**")
    shown = pd.DataFrame(rows, columns=["Filter", "Looks for", "Pinned", "Here"])
    table.show(table.plain(shown, label), "filters of both")
