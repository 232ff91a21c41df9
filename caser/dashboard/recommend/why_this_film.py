"""What each recent film, their order and the user add to one score."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import loaders, reason, results, wording
from caser.dashboard.figures.recommend import score as score_figures
from caser.dashboard.film import NETWORK, OWN, explanation_of, film_names, point_at, user_part
from caser.dashboard.parts import chart
from caser.dashboard.recommend import lists
from caser.dashboard.table import table
from caser.dashboard.view import View
from caser.explain.explanation import Explanation
from caser.explain.film_map import film_vectors, nearest
from caser.recommend import rank_all, rank_of
from caser.words import W, spoken

TITLE = lists.WHY
SIMILAR = 5  # films


def draw(view: View, item: int, scores: np.ndarray) -> None:
    explanation, films = explanation_of(view, item), film_names(view)
    film = wording.film_name(view, item)
    with st.container(key="reason"):
        st.markdown(reason.sentence(view, explanation, rank_of(scores, item, view.left_out)))
    _contributions(view, explanation, films, film)
    if view.window:
        ways = "every way" if explanation.shapley.exact else "random ways"
        figure = score_figures.shapley(explanation.shapley, films, film, _beside_films(view, explanation))
        caption = (
            f"The same question, asked by leaving {W.films} out in {ways} and taking the mean (Shapley values). "
            f"It says what the model does, not why anybody {W.watched}"
        )
        chart(figure, caption, view, key="shapley")
    _order(view, explanation, item, film)
    _similar(view, item, scores, film)


def _beside_films(view: View, explanation: Explanation) -> dict[str, float]:
    """The parts of a score that are no film's."""
    if not explanation.contributions:
        return {}
    known = explanation.contributions.printed
    return {user_part(view): known.user, "constants": known.network + known.constant}


def _contributions(view: View, explanation: Explanation, films: list[str], film: str) -> None:
    if explanation.contributions is None:
        name = wording.plain(view.name)
        st.info(f"{name}'s score is not a sum over {W.films}, so it has no exact bars. See the values below.")
        return
    called = {"user": user_part(view), "network": NETWORK, "constant": spoken(OWN)}
    steps = score_figures.contribution_steps(explanation.contributions.printed, films, called)
    title = score_figures.contribution_title(steps, explanation.contributions.total)
    note = " You are new here: your part of the score is that of all new visitors." if view.anonymous else ""
    caption = (
        f"The bars add up to the score (gradient times input). With other {W.films} other filters would respond, so "
        f"read them for this list only.{note}"
    )
    chart(score_figures.waterfall(steps, film, title), caption, view, key="waterfall")


def _similar(view: View, item: int, scores: np.ndarray, film: str) -> None:
    """The films that the model finds most alike, whatever was watched."""
    vectors = film_vectors(view.trained.model)
    if vectors is None:
        return
    rank = rank_all(scores, view.left_out)
    found = nearest(vectors, item, SIMILAR, results.often_watched(view.split))
    labels = loaders.labels(view.dataset)
    shown = pd.DataFrame(
        [[labels[other], cosine, rank[other]] for other, cosine in found],
        index=[other for other, _ in found],
        columns=[f"{W.Film}", "Cosine", "Rank"],
    )
    label = f"{W.Films} most like {film}"
    st.markdown(f"**{wording.plain(label)}**")
    table.show(table.films(shown, view.target, label), "similar", partial(point_at, view))
    st.caption(
        f"Cosine of the vectors that {wording.plain(view.name)} learnt, among {wording.often_watched(view)}. "
        f"A rarely {W.watched} {W.film}'s vector is mostly its random start. Click {W.a_film} to explain it."
    )


def _order(view: View, explanation: Explanation, item: int, film: str) -> None:
    order = explanation.order_effect
    if order.orders < 2:
        st.caption(f"With fewer than two {W.films} there is no order to change.")
        return
    counted = f"All {order.orders}" if order.exact else f"{order.orders} random"
    margin = "" if order.exact else f" (mean ± {order.margin:.2f})"
    caption = (
        f"{counted} orders of the same {W.films}{margin}: this one scores {order.effect:+.2f} from their mean, "
        f"and {order.share_lower:.0%} of them score lower. {_tied(view)}"
    )
    chart(score_figures.order_effect(order, film), caption, view, key="order")


def _tied(view: View) -> str:
    """How much of the recorded order is real."""
    if view.anonymous or view.dataset.simulated:
        return ""
    end = view.split.end("test")[view.user]
    time = view.split.timestamp[end - len(view.window) : end]
    ties = int((np.diff(time) == 0).sum())
    if not ties:
        return ""
    return f"Neighbours that share one time: {ties} of {len(time) - 1}. Their order in the data is chance."
