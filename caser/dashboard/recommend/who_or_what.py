"""The list with the weight moved between the films and the viewer, without running the model again."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from caser.dashboard import loaders, wording
from caser.dashboard.figures.recommend import score as score_figures
from caser.dashboard.film import point_at
from caser.dashboard.names import rank_words
from caser.dashboard.parts import chart
from caser.dashboard.selection import choice
from caser.dashboard.view import View
from caser.explain import explanation
from caser.handout.reason import user_part
from caser.recommend import rank_all, rank_of
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
    weighed = explanation.weigh(parts, who)
    was, now = (rank_words(rank_of(some, item, view.left_out)) for some in (scores, weighed.scores))
    st.markdown(f"{wording.plain(wording.film_name(view, item))} goes from rank **{was}** to **{now}**.")
    who_part = user_part(view.anonymous)
    what = "As trained" if who == 0.5 else f"With {who:.0%} of the weight on {who_part}"
    ranks = rank_all(parts.scores, view.left_out), rank_all(weighed.scores, view.left_out)
    k = min(view.selection.k, 10)
    figure = score_figures.who_and_what(
        weighed, ranks, loaders.labels(view.dataset), k, what, user_part(view.anonymous)
    )
    note = "; yours is the part that all new visitors share" if view.anonymous else ""
    caption = f"▲ ▼ places moved. The {W.films}' own constants always count once. Click a bar to explain it{note}"
    chart(figure, caption, view, key=BARS, on_select=partial(_pick_bar, view), selection_mode="points")


def _pick_bar(view: View) -> None:
    points = st.session_state[BARS]["selection"]["points"]
    if points:
        point_at(view, int(np.ravel(points[0]["customdata"])[0]))
