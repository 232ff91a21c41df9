"""What each recent film, their order and the user add to one score."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import wording
from caser.dashboard.figures import score as score_figures
from caser.dashboard.film import explanation_of, film_names, user_part
from caser.dashboard.parts import chart
from caser.dashboard.view import View
from caser.explain.explanation import Explanation

TITLE = "Why this film"


def draw(view: View, item: int, scores: np.ndarray) -> None:
    found, films = explanation_of(view, item), film_names(view)
    film = wording.film_name(view, item)
    left, right = st.columns(2, gap="large")
    with left:
        _contributions(view, found, films, film)
    if view.window:
        with right:
            figure = score_figures.shapley(found.shapley, films, film)
            caption = (
                "Shapley values: what each film is worth on average over every way of leaving the others out, so "
                "they hold beyond the filters that are active now. They say what the model does, not why anybody "
                "watched"
            )
            chart(figure, caption, view, key="shapley")
    _order(view, found, item, film)


def _contributions(view: View, found: Explanation, films: list[str], film: str) -> None:
    if found.contributions is None:
        st.info(f"{view.name}'s score is no sum over the films, so there is no exact waterfall; see the shares beside.")
        return
    steps = score_figures.contribution_steps(found.contributions, films, user_part(view))
    title = score_figures.contribution_title(found.contributions, films, film)
    note = " You are new here, so the user's part is that of all new visitors." if view.anonymous else ""
    caption = (
        "Gradient times input; the steps add up to the score exactly. It holds for the filters that are active now: "
        f"with other films others would be.{note}"
    )
    chart(score_figures.waterfall(steps, film, title), caption, view, key="waterfall")


def _order(view: View, found: Explanation, item: int, film: str) -> None:
    order = found.order_effect
    if order.orders < 2:
        st.caption("With fewer than two films there is no order to speak of.")
        return
    counted = f"All {order.orders}" if order.exact else f"{order.orders} random"
    margin = "" if order.exact else f" (mean ± {order.margin:.2f})"
    caption = (
        f"{counted} orders of the same films{margin}: the score changes by {order.effect:+.2f} against their mean, "
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
    return f"Of the {len(time) - 1} neighbouring pairs here {ties} share one time, so their recorded order is chance."
