"""Both kinds of filters on the films in view, and what each kind adds to one film's score."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import wording
from caser.dashboard.figures.filters import sequence as sequence_figures
from caser.dashboard.figures.recommend import score as score_figures
from caser.dashboard.film import decomposition, explanation_of, film_names, names_borne_out, score_parts
from caser.dashboard.parts import chart
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.explain.filters import FilterView, trace, vertical_weights
from caser.words import W

TITLE = "What the filters saw"
FIRED = 8  # filters drawn


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """What each kind of filter adds, the one that does more first, then the filters themselves."""
    model = view.trained.model
    if not model.has_filters:
        st.info(f"{wording.plain(view.name)} has no filters to show; pick a Caser model in the sidebar.")
        return
    if not view.window:
        st.info(f"No {W.films} for the filters to see. Add some above.", icon=":material/info:")
        return
    filters = explanation_of(view, item).filters
    headline = score_figures.parts_title(score_parts(view, filters))
    st.markdown(f"**{headline}.** {decomposition(view, item, filters)}")
    kinds = (
        [_vertical, _horizontal] if abs(filters.by_vertical) >= abs(filters.by_horizontal) else [_horizontal, _vertical]
    )
    for kind in kinds:
        kind(view, filters)
    link("filters", "Look inside the filters", view.selection.params(), ":material/arrow_forward:")


def _vertical(view: View, filters: FilterView) -> None:
    weights = vertical_weights(view.trained.model)
    caption = f"Vertical filters blend the {W.films} with one weight per place, the same for everybody"
    chart(sequence_figures.vertical_weights(weights, film_names(view)), caption, view, key="vertical filters")


def _horizontal(view: View, filters: FilterView) -> None:
    names, count = film_names(view), min(FIRED, len(filters.fired))
    caption = (
        f"What the {W.films} add to the score through each filter: the {count} that add or take most, of "
        f"{len(filters.fired)} active. A filter has a name only if its concept explains it better than random filters, "
        f"and these {W.films} match"
    )
    called = names_borne_out(view, filters)
    chart(score_figures.fired(filters, names, called, FIRED), caption, view, key="fired")
    chart(
        sequence_figures.horizontal_activations(trace(view.trained.model, view.history), names),
        f"One block of columns per filter. The frame marks the {W.films} it matches best, and the number how well. "
        "No frame: no match here",
        view,
        key="horizontal filters",
    )
