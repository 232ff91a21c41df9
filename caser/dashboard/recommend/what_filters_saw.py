"""The filters that moved one film's score, and what all of them answer to the films."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import results
from caser.dashboard.figures import score as score_figures
from caser.dashboard.film import explanation_of, film_names
from caser.dashboard.parts import activations, chart
from caser.dashboard.view import View
from caser.explain.filters import trace, vertical_weights

TITLE = "What the filters saw"
FIRED = 8  # filters drawn


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """The filters that moved the film's score, and what all of them answer to the films."""
    model = view.trained.model
    if not model.has_filters:
        st.info(f"{view.name} has no filters to show; pick a Caser model in the sidebar.")
        return
    if not view.window:
        st.info("There are no films for the filters to see; add some above.", icon=":material/info:")
        return
    shown = explanation_of(view, item).filters.fired
    figure = score_figures.fired(shown, film_names(view), results.filter_names(view.trained, view.split), FIRED)
    caption = (
        f"What each adds to the score: the {min(FIRED, len(shown))} of {len(shown)} active filters that move it most, "
        "and the films at which each fires. A name is given only where a concept explains a row by more than chance"
    )
    chart(figure, caption, view, key="fired")
    activations(view, trace(model, view.history), vertical_weights(model))
