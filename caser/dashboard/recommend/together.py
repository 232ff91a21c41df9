"""Several histories: one list for all of them, or two side by side, with the parts of one score and the filters."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import loaders, results, wording
from caser.dashboard.figures.recommend import rank_moves
from caser.dashboard.film import catalogue_scores, explanation_of, film_names, pick_film, point_at, score_parts
from caser.dashboard.names import capital, filter_name, no_film
from caser.dashboard.parts import chart
from caser.dashboard.selection import MOST_PINS, choice, choose
from caser.dashboard.table import table
from caser.dashboard.view import View, look_at
from caser.explain.explanation import Explanation
from caser.listing.group import AVERAGE, LEAST_MISERY, for_all
from caser.recommend import not_listed, rank_all
from caser.words import W

TITLE, BEFORE = "Together", "Two histories"  # and what it was called
FOR_ALL, BESIDE = "One list for all", "Side by side"
HOW, RULE = "together", "rule"  # the parameters in the URL, and the widgets' keys
WORST, MEAN = "Nobody is left out", "On average"
_RULES = {WORST: LEAST_MISERY, MEAN: AVERAGE}
MOST_FILTERS = 12  # of which the two histories differ most


def pinned(view: View) -> list[View]:
    """The pinned histories as views."""
    whose = [
        {"sequence": pin} if isinstance(pin, tuple) else {"user": pin, "sequence": None} for pin in view.selection.pins
    ]
    return [look_at(replace(view.selection, **one, private=False, pins=())) for one in whose]


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """This history together with the pinned ones."""
    others = pinned(view)
    _buttons(view, others)
    if not others:
        st.info(
            f"Pin this history, then turn to another {W.viewer} or change the {W.films}.", icon=":material/push_pin:"
        )
        return
    people = _people(view, others)
    if len(others) == 1:
        ways = (FOR_ALL, BESIDE)
        beside = choice(st.segmented_control, "How", ways, HOW, required=True, label_visibility="collapsed") == BESIDE
    else:
        beside = False
    if beside:
        _side_by_side(view, others[0], pick_film(view, scores))
    else:
        _for_all(view, people)


def _people(view: View, others: list[View]) -> dict[str, View]:
    """Everybody by name, whoever is selected first, with what each watched; a history that is twice is once."""
    everybody = {"You" if view.anonymous else capital(view.who): view}
    for number, member in enumerate(others, 1):
        same = [(other.user, other.history) for other in everybody.values()]
        if (member.user, member.history) not in same:
            everybody[f"Pinned {number}" if member.anonymous else capital(member.who)] = member
    if len(everybody) < 2:
        st.caption(f"This is the pinned history itself: turn to another {W.viewer} or change the {W.films}.")
    for name, member in everybody.items():
        st.caption(f"**{wording.plain(name)}**: {_films(member)}")
    return everybody


def _for_all(view: View, people: dict[str, View]) -> None:
    """One list for everybody with a history, and whom each film is for."""
    empty = [name for name, member in people.items() if not member.history]
    people = {name: member for name, member in people.items() if member.history}
    if empty:
        st.caption(f"{wording.plain(', '.join(empty))}: no {W.films} yet; add some to be counted.")
    if not people:
        return
    rule = choice(st.segmented_control, "Rule", tuple(_RULES), RULE, required=True, label_visibility="collapsed")
    ranks = np.stack(
        [rank_all(catalogue_scores(member), member.left_out) for member in people.values()]
    )  # (people, n_items)
    watched = {item for member in people.values() for item in member.left_out}
    exclude = not_listed(view.dataset, sorted(watched), view.narrowing)
    items = for_all(ranks, view.selection.k, _RULES[rule], exclude)
    labels, everybody = loaders.labels(view.dataset), list(people)
    shown = pd.DataFrame(
        [
            [place, labels[item], *ranks[:, item], _whom(everybody, ranks[:, item])]
            for place, item in enumerate(items.tolist(), 1)
        ],
        index=items,
        columns=["#", W.Film, *everybody, "Most for"],
    )
    said = "by each one's worst rank" if rule == WORST else "by the mean of the ranks"
    table.show(table.films(shown, None, f"One list for {len(people)}"), "for all", partial(point_at, view))
    st.caption(f"Ranks of each by {wording.plain(view.name)}; ordered {said}. What one of you {W.watched} is left out.")


def _whom(everybody: list[str], ranks: np.ndarray) -> str:
    """Who has an item clearly highest; all, where nobody does."""
    best = ranks.argmin()
    return everybody[best] if (ranks > 2 * ranks[best]).sum() == len(ranks) - 1 else "all"


def _side_by_side(view: View, other: View, item: int) -> None:
    """The lists of two, the parts of one score, and the filters that differ."""
    _lists(view, other)
    if view.trained.model.has_filters:
        found = explanation_of(view, item), explanation_of(other, item)
        _parts(view, other, item, *found)
        _filters(view, *found)


def _films(view: View) -> str:
    named = [wording.plain(name) for name in film_names(view) if name != no_film()]
    return " → ".join(named) or f"no {W.films} that this model reads"


def _buttons(view: View, others: list[View]) -> None:
    history = view.selection.sequence if view.anonymous else view.selection.user
    pins = view.selection.pins
    with st.container(horizontal=True):
        st.button(
            "Pin this history",
            icon=":material/push_pin:",
            key="pin",
            on_click=choose,
            kwargs={"pins": (*pins, history)},
            disabled=view.selection.private or history in pins or len(pins) == MOST_PINS,
            help="A pin is part of the address, but this history is only in memory. Make a link of it first."
            if view.selection.private
            else None,
        )
        for place, one in enumerate(others):
            st.button(
                f"Unpin {wording.plain(_called(one))}",
                icon=":material/close:",
                key=f"unpin {place}",
                on_click=choose,
                kwargs={"pins": (*pins[:place], *pins[place + 1 :])},
            )


def _called(one: View) -> str:
    return f"{len(one.history):,} {W.films}" if one.anonymous else one.who


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
