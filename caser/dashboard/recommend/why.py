"""Why this film: the part of the Recommend page below the lists."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results
from caser.dashboard.film import FILM, catalogue_scores, pick_film
from caser.dashboard.recommend import what_filters_saw, what_if, who_or_what, why_this_film
from caser.dashboard.selection import choose, choose_on_page, page_choice
from caser.dashboard.view import View
from caser.explain import cases
from caser.explain.cases import Case

ANSWERS = {answer.TITLE: answer for answer in (why_this_film, what_if, who_or_what, what_filters_saw)}
_ANSWER = "ask"  # the parameter in the URL, and the widget's key
_CASES = {
    cases.ORDER: "Order matters most",
    cases.CONCENTRATION: "One film decides",
    cases.GAIN: "Found here, missed by MF",
}


def show(view: View) -> None:
    """Why a film is recommended, what other films would have done, and who against what."""
    st.subheader("Why these films?", anchor=False)
    _clear_cases(view)
    _body(view)


@st.fragment
def _body(view: View) -> None:
    """Only this part is drawn anew when something in it changes."""
    scores = catalogue_scores(view)
    titles = list(ANSWERS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        item = pick_film(view, scores)
        page_choice(_ANSWER, titles)
        chosen = st.segmented_control(
            "Ask",
            titles,
            key=_ANSWER,
            required=True,
            wrap=True,
            on_change=choose_on_page,
            args=(_ANSWER, titles),
        )
    ANSWERS[chosen].draw(view, item, scores)


def _clear_cases(view: View) -> None:
    """Viewers who show an effect clearly, found by computation."""
    found = results.clear_cases(view.trained, view.baseline.checkpoint if view.baseline else None, view.split)
    if not found:
        return
    st.caption("Clear cases, found by computing each effect for everybody:")
    with st.container(horizontal=True):
        for case in found:
            user = int(view.dataset.user_ids[case.user])
            st.button(
                f"{_CASES[case.effect]}: viewer {user}",
                key=f"case {case.effect}",
                type="tertiary",
                icon=":material/auto_awesome:",
                on_click=_open_case,
                args=(case, user),
            )


def _open_case(case: Case, user: int) -> None:
    st.session_state[FILM], st.session_state[_ANSWER] = case.item, why_this_film.TITLE
    choose(user=user, sequence=None)
    choose_on_page(_ANSWER, list(ANSWERS))
