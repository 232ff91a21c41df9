"""Which films of a history a data set has: matched, unsure until the visitor decides, or not there."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from caser import data
from caser.dashboard import loaders, names
from caser.dashboard.history.brought import OfDataset
from caser.dashboard.table import table
from caser.dashboard.view import View
from caser.dashboard.wording import plain
from caser.data.history import ABSENT, MATCHED, UNSURE, Entry, Match, Review
from caser.words import W, spoken

A_PAGE = 10  # unsure films to decide at a time
MOST_ROWS = 300  # of a table
LEFT_OUT = -1
_PAGE = "history page"


def show(view: View, held: OfDataset) -> None:
    """How many films match, what is too new, what to decide, and every row."""
    counts = {verdict: held.review.count(verdict) for verdict in (MATCHED, UNSURE, ABSENT)}
    where = names.dataset(view.dataset.name)
    st.markdown(f"**{counts[MATCHED]:,} matched** · {counts[UNSURE]:,} unsure · {counts[ABSENT]:,} not in {where}")
    if held.review.too_new:
        st.info(too_new(held.review, where), icon=":material/event_busy:")
    for note in held.review.notes:
        st.caption(plain(note))
    if held.unsure:
        _decide(view, held)
    with st.expander("Every row"):
        for tab, verdict in zip(st.tabs(list(map(str.capitalize, counts))), counts, strict=True):
            with tab:
                _rows(view, held, verdict)


def too_new(review: Review, where: str) -> str:
    """How many films are newer than the data set, and which other data set may have most of them."""
    films = review.too_new
    are = "is" if len(films) == 1 else "are"
    said = f"{len(films):,} of your {W.films} {are} newer than {where} (ends in {review.until})."
    known = {
        source.name: sum(entry.year <= source.until for entry in films)
        for source in data.sources().values()
        if source.until > review.until
    }
    if not any(known.values()):
        return said
    best = max(known, key=lambda name: (known[name], data.available(name)))
    source = data.source(best)
    how = "pick it under Data set" if source.available else f"`python -m caser data {best}` fetches it"
    return f"{said} {names.dataset(best)}, with {W.films} to {source.until}, may have {known[best]:,} of them; {how}."


def _decide(view: View, held: OfDataset) -> None:
    """The unsure films, a page of them at a time; each is left out until the visitor says which it is."""
    left = sum(place not in held.confirmed for place in held.unsure)
    st.markdown(f"**Which {W.film} is it?** {left:,} of {len(held.unsure):,} are left out so far.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Take the likeliest of each", icon=":material/done_all:", on_click=held.confirm_likeliest)
        st.button("Leave all out", icon=":material/remove_done:", on_click=held.confirmed.clear)
    pages = -(-len(held.unsure) // A_PAGE)
    page = 1
    if pages > 1:
        st.session_state[_PAGE] = min(st.session_state.get(_PAGE, 1), pages)
        page = st.number_input(f"Page, 1 to {pages}", 1, pages, key=_PAGE, width=130)
    for place in held.unsure[(page - 1) * A_PAGE : page * A_PAGE]:
        _choice(view, held, place)


def _choice(view: View, held: OfDataset, place: int) -> None:
    match, labels = held.review.matches[place], view.dataset.labels
    key = f"unsure {place}"
    st.session_state[key] = held.confirmed.get(place, LEFT_OUT)
    st.radio(
        f"**{plain(_said(match.entry))}**: {spoken(match.how)}",
        [LEFT_OUT, *match.items],
        format_func=lambda item: "Leave it out" if item == LEFT_OUT else plain(labels[item]),
        key=key,
        horizontal=True,
        on_change=_confirm,
        args=(held, place, key),
    )


def _confirm(held: OfDataset, place: int, key: str) -> None:
    if st.session_state[key] == LEFT_OUT:
        held.confirmed.pop(place, None)
    else:
        held.confirmed[place] = st.session_state[key]


def _said(entry: Entry) -> str:
    return f"{entry.called} ({entry.year})" if entry.year else entry.called


def _rows(view: View, held: OfDataset, verdict: str) -> None:
    matches = [match for match in held.review.matches if match.verdict == verdict]
    if not matches:
        st.caption("None.")
        return
    rows = pd.DataFrame([_row(view, match) for match in matches[-MOST_ROWS:]])
    table.show(table.plain(rows, f"Rows that are {verdict}"), f"history {verdict}")
    if len(matches) > MOST_ROWS:
        st.caption(f"Showing the last {MOST_ROWS} of {len(matches):,}.")


def _row(view: View, match: Match) -> dict[str, str]:
    labels = loaders.labels(view.dataset)
    row = {W.Watched: match.entry.day.isoformat() if match.entry.day else "", "Your history says": _said(match.entry)}
    if match.items:
        row |= {f"{W.Film} here": " or ".join(labels[item] for item in match.items), "Matched by": spoken(match.how)}
    return row
