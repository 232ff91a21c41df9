"""Who is watching: a viewer of the data, or a sequence of the visitor's own films."""

from __future__ import annotations

from datetime import date
from functools import partial

import numpy as np
import streamlit as st

from caser.dashboard import loaders, names, wording
from caser.dashboard.history.brought import days
from caser.dashboard.history.dialog import MEMORY_ONLY, bring_button
from caser.dashboard.ids import OwnId
from caser.dashboard.loaders import kept
from caser.dashboard.search import box
from caser.dashboard.selection import MOST_FILMS, choose, films_meant, notify, own_films, viewers
from caser.dashboard.view import View
from caser.data.dataset import Split
from caser.data.titles import UnknownTitle
from caser.field.cases import sequences
from caser.words import W, spoken

KINDS = ("A viewer from the data", "My own films")
A_ROW = 5  # cards of the editor side by side
MOST_CARDS = 10  # of the latest films, where the model does not read more
FIRST, MOST_FIRST = 3, 12  # films until which well-known ones are offered, and how many of those
MOST_OFFERED = 5_000  # films in the search box; others are found by typing their title in full


def picker(view: View) -> None:
    """A viewer of the data, by id, at random or a preset; or the search that fills a custom sequence.

    The films of a custom sequence are drawn by `editor`.
    """
    st.session_state["visitor kind"] = KINDS[view.anonymous]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            f"Who is {W.watching}?",
            KINDS,
            format_func=spoken,
            key="visitor kind",
            required=True,
            on_change=_switch_kind,
            args=(view,),
            label_visibility="collapsed",
        )
        bring_button(view)
    if view.anonymous:
        _sequence_picker(view)
    else:
        _user_picker(view)


def _switch_kind(view: View) -> None:
    own = own_films(view.selection.dataset)
    if st.session_state["visitor kind"] == KINDS[True] and own is not None:
        choose(sequence=own, private=True)
    elif st.session_state["visitor kind"] == KINDS[True]:
        choose(sequence=())
    else:
        choose(sequence=None, private=False)


def _user_picker(view: View) -> None:
    chosen = view.selection
    interesting = viewers(chosen.dataset, chosen.model)
    by_user = {user: label for label, user in reversed(interesting.items())}  # a viewer's first label counts
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _id_box(view)
        st.session_state["viewer preset"] = by_user.get(chosen.user)
        st.selectbox(
            "Or one worth a look",
            list(interesting),
            key="viewer preset",
            placeholder=f"Pick a {W.viewer}",
            on_change=_pick_preset,
            args=(interesting,),
            width=330,
        )
        st.button("At random", icon=":material/casino:", on_click=_pick_at_random, args=(view,))


def _id_box(view: View) -> None:
    """Where a viewer's id is typed: a number, or a word where the data set's ids are words."""
    ids = view.dataset.user_ids
    label = f"{W.Viewer}, by id" if view.dataset.user_names else f"{W.Viewer}, {ids[0]} to {ids[-1]}"
    st.session_state["user picker"] = view.dataset.user_name(view.user)
    st.text_input(label, key="user picker", width=170, on_change=_pick_user, args=(view,))


def _pick_user(view: View) -> None:
    asked = st.session_state["user picker"].strip()
    try:
        choose(user=view.dataset.user_id(view.dataset.find_user(asked)))
    except ValueError as error:
        still = names.plain(view.dataset.user_name(view.user))
        notify(f"There is {names.plain(str(error))}. This is still {W.viewer} {still}.")


def _pick_preset(interesting: dict[str, OwnId]) -> None:
    label = st.session_state["viewer preset"]
    if label is not None:
        choose(user=interesting[label])


def _pick_at_random(view: View) -> None:
    choose(user=view.dataset.user_id(int(np.random.default_rng().integers(view.dataset.n_users))))


def _sequence_picker(view: View) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _film_search(view)
        _preset_search(view)
        empty = not view.selection.sequence
        st.button(
            "Clear",
            icon=":material/delete_sweep:",
            on_click=choose,
            kwargs={"sequence": (), "private": False},
            disabled=empty,
        )
    did_you_mean(view)
    _first_films(view)


def _first_films(view: View) -> None:
    """Well-known films to click, for whoever has hardly any yet."""
    if len(view.history) >= FIRST:
        return
    known = [item for item in _well_known(view.split) if item not in view.history]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f"Click a few you {W.watched}:", width="content")
        for item in known[:MOST_FIRST]:
            film, name = view.dataset.item_id(item), names.plain(names.short(view.dataset.labels[item]))
            st.button(
                name, key=f"first {film}", icon=":material/add:", type="tertiary", on_click=_add, args=(view, film)
            )


@kept(max_entries=3)
def _well_known(split: Split) -> list[int]:
    """The most watched films, dense."""
    return np.argsort(-loaders.watch_counts(split), kind="stable")[: MOST_FIRST + FIRST].tolist()


def did_you_mean(view: View) -> None:
    """The films that may be meant by what was typed last, if it could not be told."""
    films = films_meant()
    if not films:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Did you mean", width="content")
        for film in films:
            name = names.plain(view.dataset.labels[view.dataset.item_index(film)])
            st.button(name, key=f"meant {film}", icon=":material/add:", on_click=_add, args=(view, film))


def editor(view: View) -> None:
    """The custom sequence, the oldest film first: move or drop each. The films that the model reads are numbered."""
    unread = len(view.history) - len(view.window)
    empty = max(min(view.trained.model.L, A_ROW) - len(view.window), 0) if view.trained else 0
    earlier = max(len(view.history) - max(MOST_CARDS, len(view.window)), 0)
    places = [None] * empty + list(range(earlier, len(view.history)))
    watched = days(view)
    if earlier:
        st.caption(f"{earlier:,} earlier {W.films} are not shown; lists leave them out, too.")
    for first in range(0, len(places), A_ROW):
        for column, place in zip(st.columns(A_ROW, gap="small"), places[first : first + A_ROW], strict=False):
            with column.container(border=True, height="stretch", gap="xsmall"):
                if place is None:
                    st.markdown(f":gray[no {W.film} yet]")
                else:
                    _film_card(view, place, place - unread + empty, watched.get(view.history[place]))
    if view.selection.private:
        _memory_only(view)


def _memory_only(view: View) -> None:
    """Where these films are kept, and a link for those who want one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(spoken(MEMORY_ONLY))
        st.button("Put them into the address", icon=":material/link:", on_click=_make_link, args=(view,))


def _make_link(view: View) -> None:
    films = view.selection.sequence
    choose(sequence=films[-MOST_FILMS:], private=False)
    if len(films) > MOST_FILMS:
        notify(f"The address holds the last {MOST_FILMS} of your {len(films):,} {W.films}.")


def _film_card(view: View, place: int, number: int, day: date | None) -> None:
    """One film; `number` is its place in the window from 0, negative where the model does not read it."""
    films, last = view.selection.sequence, place == len(view.history) - 1
    label = wording.film_name(view, view.history[place])
    where = f"{number + 1} · last {W.watched}" if last else f"{number + 1}"
    said = "too long ago to be read" if number < 0 else where
    heading = f"{said} · {day.isoformat()}" if day else said
    line = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small")
    line.markdown(f":gray[{heading}]  \n**{wording.plain(label)}**", width="content")
    with line.container(horizontal=True, gap="small", wrap=False, width="content"):  # beside it where there is room
        for icon, words, after, disabled in (
            ("arrow_back", "earlier", _moved(films, place, -1), place == 0),
            ("arrow_forward", "later", _moved(films, place, 1), last),
            ("close", "drop", films[:place] + films[place + 1 :], False),
        ):
            st.button(
                f":material/{icon}:",
                key=f"{words} {place}",
                help=f"{words.capitalize()}: {wording.plain(label)}",
                type="tertiary",
                disabled=disabled,
                on_click=choose,
                kwargs={"sequence": after},
            )


def _moved(films: tuple[OwnId, ...], place: int, by: int) -> tuple[OwnId, ...]:
    """`films` with the one at `place` exchanged with its neighbour, if it has one."""
    other = place + by
    if not 0 <= other < len(films):
        return films
    moved = list(films)
    moved[place], moved[other] = moved[other], moved[place]
    return tuple(moved)


def _film_search(view: View) -> None:
    box.draw(
        view.dataset,
        f"Add {W.a_film}",
        key="film search",
        pick=partial(_add, view),
        typed=partial(_add_typed, view),
        disabled=len(view.history) >= MOST_FILMS and not view.selection.private,
    )


@kept(max_entries=3)
def offered(split: Split) -> list[str]:
    """Labels of the most watched films, in alphabetical order."""
    most = np.argsort(-loaders.watch_counts(split), kind="stable")[:MOST_OFFERED]
    return sorted(split.dataset.labels[item] for item in most)


def _add_typed(view: View, text: str) -> None:
    film = meant(view, text)
    if film is not None:
        _add(view, film)


def meant(view: View, text: str) -> OwnId | None:
    """Own id of a film picked from the list or typed; None, with a notice, where no film or no single one is meant."""
    try:
        return view.dataset.item_id(_film(view, text))
    except UnknownTitle as error:
        said = f"{error.said if error.items else error}."
        notify(f"{names.plain(names.capital(said))}{_until(view)}", view.dataset.item_ids[list(error.items)].tolist())
        return None


def _add(view: View, film: OwnId) -> None:
    choose(sequence=(*view.selection.sequence, film))


def _until(view: View) -> str:
    """Where the data set ends, as Markdown: a film may be too new for it."""
    last = int(view.dataset.catalogue["year"].max())
    return f" {names.dataset(view.dataset.name)} ends in {last}; it has no newer {W.film}." if last > 0 else ""


def _film(view: View, text: str) -> int:
    """The dense id of a film picked from the list, or typed; UnknownTitle says what is wrong with what was typed."""
    if text in view.dataset.labels:
        return view.dataset.labels.index(text)
    return loaders.titles(view.dataset).find(text, numbers_are_ids=False)  # the list was searched by title


def _preset_search(view: View) -> None:
    presets = _sequences(view.split)
    st.selectbox(
        "Or start from",
        list(presets),
        index=None,
        key="sequence preset",
        placeholder="An evening of one kind",
        on_change=_pick_sequence,
        args=(presets,),
        width=230,
    )


@kept(max_entries=3)
def _sequences(split: Split) -> dict[str, tuple[OwnId, ...]]:
    """Preset sequences in the data set's own ids."""
    dataset = split.dataset
    presets = sequences(dataset.catalogue["genres"], loaders.watch_counts(split))
    return {label: tuple(dataset.item_ids[items].tolist()) for label, items in presets.items()}


def _pick_sequence(presets: dict[str, tuple[OwnId, ...]]) -> None:
    label, st.session_state["sequence preset"] = st.session_state["sequence preset"], None
    if label is not None:
        choose(sequence=presets[label], private=False)
