"""What each recent film, their order and the user add to one score."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import reason, wording
from caser.dashboard.figures.recommend import score as score_figures
from caser.dashboard.film import explanation_of, film_names
from caser.dashboard.parts import chart
from caser.dashboard.recommend import film_card, lists
from caser.dashboard.selection import choice
from caser.dashboard.view import View
from caser.explain.explanation import Explanation
from caser.handout.reason import NETWORK, OWN, user_part
from caser.recommend import rank_of
from caser.words import W, spoken

TITLE = lists.WHY
ADD_UP, LEAVE_OUT = WAYS = ("Add up the score", "Leave films out")
BY = "by"  # which of these: the parameter in the URL, and the widget's key


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """The film's card, the reason in a sentence, one chart of it, and what the order does."""
    film_card.draw(view, item, scores)
    explanation = explanation_of(view, item)
    film = wording.film_name(view, item)
    with st.container(key="reason"):
        st.markdown(reason.sentence(view, explanation, rank_of(scores, item, view.left_out)))
    {ADD_UP: _waterfall, LEAVE_OUT: _shapley}[_way(view, explanation)](view, explanation, film)
    st.markdown(wording.plain(f"{reason.order(explanation.order_effect, film)}.{_tied(view)}"))


def _way(view: View, explanation: Explanation) -> str:
    """How the films' parts are asked for: a choice where both ways have an answer."""
    if explanation.contributions is None:
        return LEAVE_OUT
    if not view.window:
        return ADD_UP
    return choice(
        st.segmented_control, "How", WAYS, BY, format_func=spoken, required=True, label_visibility="collapsed"
    )


def _waterfall(view: View, explanation: Explanation, film: str) -> None:
    called = {"user": user_part(view.anonymous), "network": NETWORK, "constant": spoken(OWN)}
    steps = score_figures.contribution_steps(explanation.contributions.printed, film_names(view), called)
    title = score_figures.contribution_title(steps, explanation.contributions.total)
    here = f" With other {W.films} other filters respond: read them for this list only." if view.window else ""
    new = " Your part is that of all new visitors." if view.anonymous else ""
    caption = f"The bars add up to the score.{here}{new}"
    chart(score_figures.waterfall(steps, film, title), caption, view, key="waterfall")


def _shapley(view: View, explanation: Explanation, film: str) -> None:
    exact = (
        "" if explanation.contributions else f" {wording.plain(view.name)}'s score is no sum that could be added up."
    )
    caption = (
        f"What the score loses without each {W.film}, averaged over all ways to leave {W.films} out "
        f"(Shapley values).{exact}"
    )
    chart(score_figures.shapley(explanation.shapley, film_names(view), film), caption, view, key="shapley")


def _tied(view: View) -> str:
    """How much of the recorded order is real."""
    if view.anonymous or view.dataset.simulated:
        return ""
    end = view.split.end("test")[view.user]
    time = view.split.instant[end - len(view.window) : end]
    ties = int((np.diff(time) == 0).sum())
    return f" {ties} of {len(time) - 1} neighbours share one time: their order is chance." if ties else ""
