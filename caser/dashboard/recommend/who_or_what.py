"""The list with the weight moved between the films and the viewer, without running the model again."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from caser.dashboard import loaders, wording
from caser.dashboard.figures.recommend import rank_moves
from caser.dashboard.figures.recommend import score as score_figures
from caser.dashboard.film import point_at, user_part
from caser.dashboard.names import rank_words
from caser.dashboard.parts import chart
from caser.dashboard.selection import choice
from caser.dashboard.view import View
from caser.explain import explanation
from caser.explain.explanation import Parts
from caser.recommend import rank_all, rank_items, rank_of
from caser.words import W

TITLE = "Who or what"
WEIGHTS = tuple(f"{step / 20:g}" for step in range(21))  # of who, from 0 to 1
AS_TRAINED = "0.5"
WHO = "who"  # the parameter in the URL, and the widget's key
BARS = "parts of scores"  # the session's key


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """The list with the weight moved between the films and the viewer, without running the model again."""
    if not explanation.has_user_part(view.trained.model):
        st.info(
            f"{wording.plain(view.name)} has no part for the {W.viewer}, so there is nothing to weigh.",
            icon=":material/info:",
        )
        return
    parts = explanation.parts(view.trained.model, view.user, view.history)
    chosen = choice(
        st.select_slider,
        "From what you have been doing (0) to who you are (1)",
        WEIGHTS,
        WHO,
        AS_TRAINED,
        format_func=lambda value: "as trained" if value == AS_TRAINED else value,
        width=420,
        help="The score is a sum of both parts, so moving the weight needs no new run; 0.5 is the model as trained.",
    )
    who = float(chosen)
    weighed = explanation.reweigh(parts, who)
    ranks = (rank_words(rank_of(found, item, view.left_out)) for found in (scores, weighed))
    film = wording.plain(wording.film_name(view, item))
    st.markdown("{} goes from rank **{}** to **{}**.".format(film, *ranks))
    _weighed_list(view, parts, weighed, who)
    items = rank_items(weighed, min(view.selection.k, 10), view.left_out).tolist()
    labels = loaders.labels(view.dataset)
    figure = score_figures.who_and_what(parts, items, labels, user_part(view))
    note = ". Yours is the part that all new visitors share" if view.anonymous else ""
    caption = f"The parts before the slider weighs them. Click a bar to explain it{note}"
    chart(figure, caption, view, key=BARS, on_select=partial(_pick_bar, view), selection_mode="points")


def _pick_bar(view: View) -> None:
    points = st.session_state[BARS]["selection"]["points"]
    if points:
        point_at(view, int(np.ravel(points[0]["customdata"])[0]))


def _weighed_list(view: View, parts: Parts, weighed: np.ndarray, who: float) -> None:
    k = min(view.selection.k, 10)
    before = rank_all(explanation.reweigh(parts, 0.5), view.left_out)
    after = rank_all(weighed, view.left_out)
    film_moves = rank_moves.moves(before, after, loaders.labels(view.dataset), k)
    what = "As trained" if who == 0.5 else f"With {who:.0%} of the weight on {user_part(view)}"
    figure = rank_moves.rank_moves(film_moves, k, what, ("as trained", "weighed"))
    chart(figure, f"The {W.films}' own constants always count once", view, key="weighed")
