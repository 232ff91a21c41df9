"""What is beside the list on the Recommend page: the other model's list, or why a film is where it is."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.film import catalogue_scores, drawn_with_the_page, pick_film
from caser.dashboard.ids import OwnId
from caser.dashboard.recommend import (
    more_like_this,
    other_list,
    together,
    what_if,
    who_or_what,
    why_this_film,
)
from caser.dashboard.recommend.lists import ASK
from caser.dashboard.selection import choice, choose, lead_to
from caser.dashboard.view import View
from caser.field import cases
from caser.field.cases import Case
from caser.words import W, spoken

_IN_ORDER = (other_list, why_this_film, more_like_this, what_if, who_or_what, together)
ANSWERS = {answer.TITLE: answer for answer in _IN_ORDER}
_OF_NO_FILM = {other_list.TITLE, together.TITLE}
_FILTERS_SAW = "What the filters saw"
_CASES = {
    cases.ORDER: "Order matters most",
    cases.CONCENTRATION: "One film decides",
    cases.GAIN: "Found here, missed by {rival}",
}


def read_address(view: View) -> None:
    """An answer of an earlier version is on the Filters page today."""
    if st.query_params.get(ASK) == _FILTERS_SAW:
        lead_to("filters", view.selection.params())


@st.fragment
def show(view: View) -> None:
    """One answer; only this part is drawn anew when something in it changes."""
    drawn_with_the_page(view)
    scores, titles = catalogue_scores(view), list(ANSWERS)
    chosen = choice(
        st.segmented_control,
        "Beside the list",
        titles,
        ASK,
        also={together.BEFORE: together.TITLE},
        format_func=spoken,
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    item = pick_film(view, scores) if chosen not in _OF_NO_FILM else 0
    ANSWERS[chosen].draw(view, item, scores)


def clear_cases(view: View) -> None:
    """Viewers who show an effect most clearly, computed and not picked by hand."""
    examples = results.clear_cases(view.trained, view.rival.checkpoint if view.rival else None, view.split)
    if not examples:
        return
    some, everybody = len(cases.looked_at(view.split)), len(view.split.evaluated)
    whom = "everybody" if some == everybody else f"some of the {everybody:,} {W.viewers}, evenly drawn"
    st.caption(f"Try these {W.viewers}:", help=f"The clearest case of each effect among {whom}.")
    rival = wording.plain(view.rival.name) if view.rival else ""
    with st.container(horizontal=True):
        for case in examples:
            user = view.dataset.user_id(case.user)
            label = spoken(_CASES[case.effect]).format(rival=rival)
            st.button(
                f"{label}: {W.viewer} {wording.plain(view.dataset.user_name(case.user))}",
                key=f"case {case.effect}",
                type="tertiary",
                icon=":material/auto_awesome:",
                on_click=_open_case,
                args=(view, case, user),
            )


def _open_case(view: View, case: Case, user: OwnId) -> None:
    choose({ASK: why_this_film.TITLE}, user=user, sequence=None, film=view.dataset.item_id(case.item))
