"""What the list may hold: conditions above it, and what a click on one of its rows changes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from caser.dashboard import loaders, names, results, wording
from caser.dashboard.ids import OwnId
from caser.dashboard.recommend.lists import ALIKE, ASK
from caser.dashboard.selection import choose, choose_with_way_back, current, go_back, notify, way_back
from caser.dashboard.table import table
from caser.dashboard.view import View
from caser.dashboard.visitor import meant, offered
from caser.data.history import HistoryError, Undecided, read
from caser.data.history.upload import ENDINGS, most_bytes
from caser.field.lists import LIST
from caser.listing.narrowing import EVERYTHING, Span, further_columns, genres_of, values_of
from caser.listing.variety import VARIETIES
from caser.words import W

SEEN, NOT_THIS, MORE = "seen", "not this", "more"  # what a row can be clicked for
KNOWN = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)  # times
_WHOLE: Span = (-math.inf, math.inf)


def bar(view: View, further: Callable[[], None]) -> None:
    """The button that opens the conditions, what they are now, and the way back from the last click on a row.

    Args:
        further: draws further buttons beside the first.
    """
    now, variety = view.selection.narrowing, view.selection.variety
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Narrow down", icon=":material/filter_alt:", key="narrow down"):
            _conditions(view)
        further()
        said = [now.said(view.dataset)] * bool(now) + [f"variety {variety:g}"] * bool(variety)
        if said:
            st.markdown(wording.plain(" · ".join(said)), width="content")
            st.button("Clear", icon=":material/close:", key="clear narrowing", type="tertiary", on_click=_clear)
        if said := way_back():
            st.caption(wording.plain(said), width="content")
            st.button("Undo", icon=":material/undo:", key="undo", type="tertiary", on_click=go_back)
    if variety:
        _what_variety_costs(view)
    if view.problem:
        st.warning(f"{names.plain(names.capital(view.problem))}. The list is not narrowed.", icon=":material/info:")


def acts(view: View) -> table.Acts:
    """What each row of a list can be clicked for."""
    shown = {SEEN: ("✓", f"{W.Watched} it"), NOT_THIS: ("✕", "Not for me"), MORE: ("≈", "More like this")}
    return table.Acts(shown, partial(_act, view))


def _act(view: View, item: int, what: str) -> None:
    title, film = wording.film_name(view, item), view.dataset.item_id(item)
    if what == MORE:
        choose({ASK: ALIKE}, film=film)
    elif what == NOT_THIS:
        now = view.selection.narrowing
        without = tuple(dict.fromkeys((*now.without, film)))
        choose_with_way_back(f"Left out: {title}", narrowing=replace(now, without=without))
    else:
        films = view.selection.sequence if view.anonymous else _own(view, view.window)
        whose = "" if view.anonymous else f", from {view.who}'s last {len(films)}"
        choose_with_way_back(f"Own {W.films} now{whose}: added {title}", sequence=(*films, film), film=None)


def _own(view: View, items: list[int]) -> tuple[OwnId, ...]:
    return tuple(view.dataset.item_id(item) for item in items)


def _clear() -> None:
    choose(narrowing=EVERYTHING, unsaid=False, variety=VARIETIES[0])


def _change(**conditions) -> None:
    choose(narrowing=replace(current().narrowing, **conditions))


def _conditions(view: View) -> None:
    dataset, now = view.dataset, view.selection.narrowing
    if genres := genres_of(dataset):
        _several("Genres, any of", "genres", genres, now.genres)
        _several("None of", "not_genres", genres, now.not_genres)
    years = dataset.catalogue["year"].to_numpy()
    if len(known := np.unique(years[years > 0])) > 1:
        _years(now.years, int(known[0]), int(known[-1]))
    _known(view, now.viewers or _WHOLE)
    for column in further_columns(dataset):
        _further(view, column)
    _not_these(view)
    _variety(view)


def _variety(view: View) -> None:
    st.session_state["variety"] = view.selection.variety
    ends = {VARIETIES[0]: "closest", VARIETIES[-1]: "most varied"}
    st.select_slider(
        "Variety",
        VARIETIES,
        key="variety",
        format_func=lambda variety: ends.get(variety, f"{variety:g}"),
        on_change=lambda: choose(variety=st.session_state["variety"]),
        help=f"Each {W.film} is weighed against those before it: a score's place less its likeness (maximal marginal "
        "relevance).",
    )


def _what_variety_costs(view: View) -> None:
    """What the variety of the list does to everybody's hit rate."""
    costs = results.variety_costs(view.pair[0], view.split)
    if costs is None:
        st.caption(f"{view.pair[0].signed} has no vectors of {W.films}, so its list is not varied.")
        return
    cost = costs[view.selection.variety]
    st.caption(
        f"HR@{LIST} over {cost.users:,} test {W.viewers}: {cost.before:.1%} → {cost.hit_rate:.1%} "
        f"({100 * cost.low:+.1f} to {100 * cost.high:+.1f} points). "
        f"{W.Films} of a list alike by a cosine of {cost.alike_before:.2f} → {cost.alike:.2f}."
    )


def _several(label: str, field: str, options: list[str], chosen: tuple[str, ...]) -> None:
    key = f"narrow {field}"
    st.session_state[key] = list(chosen)
    st.multiselect(
        label, options, key=key, on_change=lambda: _change(**{field: tuple(st.session_state[key])}), placeholder="–"
    )


def _years(span: Span | None, first: int, last: int) -> None:
    low, high = span or _WHOLE
    st.session_state["narrow years"] = tuple(int(min(max(end, first), last)) for end in (low, high))
    st.slider("Years", first, last, key="narrow years", on_change=_take_years, args=(first, last))


def _take_years(first: int, last: int) -> None:
    low, high = st.session_state["narrow years"]
    _change(years=None if (low, high) == (first, last) else (low, high))


def _known(view: View, span: Span) -> None:
    """How well known, as the least and the most that it was watched."""
    most = view.dataset.views.max()
    marks = [mark for mark in KNOWN if mark <= most]
    for column, label, end, none in zip(
        st.columns(2), ("At least", "At most"), span, (-math.inf, math.inf), strict=True
    ):
        key = f"narrow {label}"
        options = sorted({none, end, *marks})
        st.session_state[key] = end
        column.selectbox(
            f"{W.Watched} {label.lower()}",
            options,
            key=key,
            format_func=lambda mark: "any" if math.isinf(mark) else f"{mark:,g}",
            on_change=_take_known,
        )


def _take_known() -> None:
    low, high = (float(st.session_state[f"narrow {label}"]) for label in ("At least", "At most"))
    if low > high:
        notify(f"{W.Watched} at least {low:,g} and at most {high:,g} times is nothing: the least is the larger number.")
    else:
        _change(viewers=None if (low, high) == _WHOLE else (low, high))


def _further(view: View, column: str) -> None:
    """A condition on a column of one's own: words to choose, or the least and the most of a number."""
    now = dict(view.selection.narrowing.columns)
    words, key = values_of(view.dataset, column), f"narrow column {column}"
    if words:
        st.session_state[key] = list(now.get(column, ()))
        st.multiselect(names.plain(column), words, key=key, on_change=_take_further, args=(column, key, None))
        return
    numbers = view.dataset.catalogue[column].to_numpy(float, na_value=np.nan)
    first, last = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    if first < last:
        low, high = now.get(column, _WHOLE)
        st.session_state[key] = (min(max(low, first), last), max(min(high, last), first))
        st.slider(names.plain(column), first, last, key=key, on_change=_take_further, args=(column, key, (first, last)))


def _take_further(column: str, key: str, whole: Span | None) -> None:
    chosen, others = tuple(st.session_state[key]), dict(current().narrowing.columns)
    others.pop(column, None)
    if chosen and chosen != whole:
        others[column] = chosen
    _change(columns=tuple(others.items()))


def _not_these(view: View) -> None:
    labels, without = view.dataset.labels, view.selection.narrowing.without
    now = {labels[view.dataset.item_index(own)]: own for own in without}
    st.session_state["narrow without"] = list(now)
    st.multiselect(
        f"Not these {W.films}",
        list(dict.fromkeys([*now, *offered(view.split)])),
        key="narrow without",
        accept_new_options=True,
        placeholder="by title",
        on_change=_take_without,
        args=(view, now),
    )
    try:
        most = most_bytes() // 1_000_000
    except HistoryError:
        return
    st.file_uploader(
        "Or a watchlist, or what you have, as a file",
        ENDINGS,
        key="narrow file",
        max_upload_size=most,
        on_change=_take_file,
        args=(view,),
        help=f"In any form that a history is read from. Its {W.films} stay in this server's memory.",
    )


def _take_without(view: View, now: dict[str, OwnId]) -> None:
    asked = st.session_state["narrow without"]
    films = [now[text] if text in now else meant(view, text) for text in asked]
    if None not in films:  # else a notice says what was not understood
        _change(without=tuple(dict.fromkeys(films)))


def _take_file(view: View) -> None:
    file = st.session_state["narrow file"]
    if file is None:
        return
    try:
        history = read(file.name, file.getvalue(), day_first=True)  # days do not matter here
    except (HistoryError, Undecided) as error:
        notify(f"{names.plain(names.capital(str(error)))}. No {W.film} is left out of the list.")
        return
    found = loaders.matcher(view.dataset).review(history).sequence({})
    without = tuple(dict.fromkeys((*view.selection.narrowing.without, *_own(view, list(found)))))
    if not found:
        notify(f"{names.plain(file.name)} has no {W.film} that is surely in {names.dataset(view.dataset.name)}.")
        return
    choose(narrowing=replace(view.selection.narrowing, without=without), unsaid=True)
