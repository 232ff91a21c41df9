"""The list with the weight moved between the films and the viewer, without running the model again."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from caser.dashboard import loaders, wording
from caser.dashboard.figures import rank_moves
from caser.dashboard.figures import score as score_figures
from caser.dashboard.film import point_at, user_part
from caser.dashboard.names import rank_words
from caser.dashboard.parts import chart
from caser.dashboard.view import View
from caser.explain import explanation
from caser.explain.explanation import Parts
from caser.recommend import rank_all, rank_items, rank_of

TITLE = "Who or what"
WHO_FIRST = 0.75  # of the weight: off the middle, so that something is seen to move
WHO, BARS = "who against what", "parts of scores"  # the session's keys


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """The list with the weight moved between the films and the viewer, without running the model again."""
    if not explanation.has_user_part(view.trained.model):
        st.info(f"{view.name} has no part for the viewer, so there is nothing to weigh.", icon=":material/info:")
        return
    parts = explanation.parts(view.trained.model, view.user, view.history)
    who = st.slider(
        "From what you have been doing (0) to who you are (1)",
        0.0,
        1.0,
        WHO_FIRST,
        0.05,
        key=WHO,
        width=420,
        help="0.5 is the model as trained. The score is a sum of both parts, so moving the weight needs no new run.",
    )
    weighed = explanation.reweigh(parts, who)
    left, right = st.columns(2, gap="large")
    with left:
        _weighed_list(view, parts, weighed, who)
    with right:
        items = rank_items(weighed, min(view.selection.k, 10), view.left_out).tolist()
        labels = loaders.titles(view.dataset).labels
        figure = score_figures.who_and_what(parts, items, labels, user_part(view))
        note = "; yours is the part of all new visitors, trained by leaving viewers out at random"
        note = note if view.anonymous else ""
        caption = f"The parts as the model has them, before the slider weighs them; click a bar to explain it{note}"
        chart(figure, caption, view, key=BARS, on_select=partial(_pick_bar, view), selection_mode="points")
    ranks = (rank_words(rank_of(found, item, view.left_out)) for found in (scores, weighed))
    film = wording.plain(wording.film_name(view, item))
    st.markdown("{} goes from rank **{}** to **{}**.".format(film, *ranks))


def _pick_bar(view: View) -> None:
    points = st.session_state[BARS]["selection"]["points"]
    if points:
        point_at(view, int(np.ravel(points[0]["customdata"])[0]))


def _weighed_list(view: View, parts: Parts, weighed: np.ndarray, who: float) -> None:
    k = min(view.selection.k, 10)
    before = rank_all(explanation.reweigh(parts, 0.5), view.left_out)
    after = rank_all(weighed, view.left_out)
    found = rank_moves.moves(before, after, loaders.titles(view.dataset).labels, k)
    what = "As trained" if who == 0.5 else f"With {who:.0%} of the weight on {user_part(view)}"
    figure = rank_moves.rank_moves(found, k, what, ("as trained", "weighed"))
    chart(figure, "The films' own constants always count once", view, key="weighed")
