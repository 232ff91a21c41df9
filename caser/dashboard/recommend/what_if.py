"""What if other films had been watched: the list as it is beside the list as it would be."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from caser.dashboard import ids, loaders, results, wording
from caser.dashboard.figures.recommend import rank_moves
from caser.dashboard.film import explanation_of, names_of
from caser.dashboard.ids import EMPTY
from caser.dashboard.names import no_film, rank_words, short
from caser.dashboard.parts import chart
from caser.dashboard.selection import page_text, quoted, write_on_page
from caser.dashboard.view import View
from caser.explain.edits import Films, dropped, read, replaced, shuffled, swapped, turned
from caser.recommend import rank_all, score_catalogue
from caser.words import W

TITLE = "What if"
EDITS = "edits"  # the parameter in the URL: a film's own id for each place
Change = Callable[[Films], None]


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """Edit the films, with the list as it is beside the list as it would be."""
    pinned = read(view.trained.model, view.history)
    if not any(film != view.dataset.padding for film in pinned):
        st.info(
            f"{wording.plain(view.name)} has no {W.films} to read here, so there is nothing to change.",
            icon=":material/info:",
        )
        return
    edited = _edited(view, pinned)
    _editor(view, item, pinned, edited)
    after = score_catalogue(view.trained.model, view.user, edited)
    left_out = [*view.left_out, *(film for film in edited if film != view.dataset.padding)] if view.left_out else []
    before_ranks, after_ranks = rank_all(scores, view.left_out), rank_all(after, left_out)
    k = min(view.selection.k, 10)
    film_moves = rank_moves.moves(before_ranks, after_ranks, loaders.labels(view.dataset), k)
    figure = rank_moves.rank_moves(film_moves, k, _change(view, pinned, edited), ("pinned", "what if"))
    caption = "Below the dotted line: not listed. Shows what the model would say, not what anybody would do"
    film = wording.plain(wording.film_name(view, item))
    was, now = (rank_words(ranks[item]) for ranks in (before_ranks, after_ranks))
    score = f"its score from **{scores[item]:+.2f}** to **{after[item]:+.2f}**"
    if edited == pinned:
        st.caption(f"Nothing is changed yet: drop, swap or replace {W.a_film} to see the list change.")
    else:
        st.markdown(f"{film} goes from rank **{was}** to **{now}**, {score}.")
    chart(figure, caption, view, key="what if")


def _edited(view: View, pinned: Films) -> Films:
    """The films as the address has them edited; untouched where it says nothing, or nothing that can be used."""
    asked = page_text(EDITS)
    if asked is None:
        return pinned
    dataset = view.dataset
    try:
        edited = tuple(
            dataset.padding if text == EMPTY else dataset.item_index(ids.film(dataset, text))
            for text in asked.split(",")
        )
    except ValueError:
        edited = ()
    if len(edited) == len(pinned):
        return edited
    st.warning(
        f"{EDITS}={quoted(asked)} in the address does not name {len(pinned)} {W.films}; showing the unchanged ones."
    )
    return pinned


def _set(view: View, pinned: Films, edited: Films) -> None:
    dataset = view.dataset
    places = [EMPTY if film == dataset.padding else ids.written(dataset.item_id(film)) for film in edited]
    write_on_page(**{EDITS: None if edited == pinned else ",".join(places)})


def _editor(view: View, item: int, pinned: Films, edited: Films) -> None:
    """A line for each place, and what can be done to all."""
    padding, names, change = view.dataset.padding, names_of(view, edited), partial(_set, view, pinned)
    for place, name in enumerate(names):
        was = names_of(view, pinned)[place]
        changed = "" if name == was else f" :gray[· was {wording.plain(short(was, 24))}]"
        empty = no_film() if was == no_film() else "left out"
        shown = f"**{wording.plain(name)}**" if name != no_film() else f":gray[{empty}]"
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"edited {place}"):
            st.markdown(f":gray-badge[{place + 1}] {shown}{changed}", width="stretch")
            _place_buttons(change, edited, place, padding, name)
    carries = int(np.argmax(explanation_of(view, item).shapley.values))
    rng = np.random.default_rng()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _replacer(view, change, edited)
        for label, icon, after in (
            ("Drop what counts most", "backspace", dropped(pinned, carries, padding)),
            ("Shuffle", "shuffle", shuffled(edited, padding, rng)),
            ("Reverse", "swap_vert", turned(edited, padding)),
            ("Back to the original", "undo", pinned),
        ):
            st.button(label, icon=f":material/{icon}:", on_click=change, args=(after,), disabled=after == edited)


def _place_buttons(change: Change, edited: Films, place: int, padding: int, name: str) -> None:
    for icon, words, hint, after in (
        ("swap_vert", "Swap", "Swap with the next", swapped(edited, place)),
        ("close", "Drop", "Drop", dropped(edited, place, padding)),
    ):
        st.button(
            words,
            key=f"{words} {place}",
            icon=f":material/{icon}:",
            help=f"{hint}: {wording.plain(name)}",
            type="tertiary",
            disabled=after == edited,
            on_click=change,
            args=(after,),
        )


def _replacer(view: View, change: Change, edited: Films) -> None:
    """Put another film in a place."""
    place = st.selectbox(f"Replace {W.film}", range(1, len(edited) + 1), key="replaced place", width=110)
    labels = view.dataset.labels
    st.selectbox(
        "by",
        results.most_watched(view.split),
        index=None,
        key="replacing film",
        format_func=lambda item: labels[item],
        placeholder="Search by title",
        filter_mode="contains",
        on_change=_replace,
        args=(change, edited, place - 1),
        width=300,
    )


def _replace(change: Change, edited: Films, place: int) -> None:
    film, st.session_state["replacing film"] = st.session_state["replacing film"], None
    if film is not None:
        change(replaced(edited, place, film))


def _change(view: View, pinned: Films, edited: Films) -> str:
    """What was changed, for a title."""
    if edited == pinned:
        return "As it is"
    if sorted(edited) == sorted(pinned):
        return "In another order"
    places = [at for at, (a, b) in enumerate(zip(pinned, edited, strict=True)) if a != b]
    if len(places) > 1:
        return f"With {len(places)} places changed"
    was, now = (names_of(view, films)[places[0]] for films in (pinned, edited))
    return f"Without {was}" if now == no_film() else f"With {now} for {was}"
