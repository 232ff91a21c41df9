"""What the views of the Filters page draw from, and what they share: the selected filter, and the score in parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.film import film_names
from caser.dashboard.names import filter_name
from caser.dashboard.selection import choice
from caser.dashboard.view import View
from caser.explain import filters
from caser.explain.filters import FilterView, HorizontalFilter, Trace
from caser.words import W

FILTER = "filter"  # the parameter in the URL, and the widget's key


@dataclass(frozen=True, eq=False)
class Scene:
    """What the views draw from.

    Attributes:
        item: dense, the film whose score is explained; film: its name.
        films: a name for each position. traced, filters: what the convolutions did.
        scores: float (n_items,), the whole catalogue's.
    """

    view: View
    item: int
    film: str
    films: list[str]
    traced: Trace
    filters: FilterView
    scores: np.ndarray

    def horizontal(self, height: int, index: int) -> HorizontalFilter:
        """What one horizontal filter did."""
        return next(f for f in self.filters.horizontal if (f.height, f.index) == (height, index))


def set_scene(view: View, item: int, scores: np.ndarray) -> Scene:
    """What there is to draw for a film's score."""
    model = view.trained.model
    return Scene(
        view,
        item,
        wording.film_name(view, item),
        film_names(view),
        filters.trace(model, view.history),
        filters.filter_view(model, view.user, view.history, item),
        scores,
    )


# ---- which filter


def pick_filter(scene: Scene) -> tuple[int, int] | None:
    """The selected horizontal filter, shared by the views; None if the model has none."""
    options = filters.horizontal_filters(scene.view.trained.model)
    if not options:
        st.info("This model has no horizontal filters; it was trained with n_h = 0.", icon=":material/info:")
        return None
    by_name, usual = {filter_name(*at): at for at in options}, filter_name(*_telling(scene))
    chosen = choice(
        st.selectbox,
        "Filter",
        list(by_name),
        FILTER,
        usual,
        format_func=lambda name: _filter_words(scene.horizontal(*by_name[name])),
        width=380,
        help=f"2h is the eighth filter of those that read two {W.films} in a row.",
    )
    return by_name[chosen]


def _telling(scene: Scene) -> tuple[int, int]:
    """The filter to begin with: of those with a name, else of two or three films, else of all, what adds most now."""
    names, fired = results.filter_names(scene.view.trained, scene.view.split), scene.filters.fired
    lower = range(2, scene.view.trained.model.L)  # one as high as all has one place
    named = [f for f in fired if f.height in lower and names[f.height, f.index].named]
    several = [f for f in fired if f.height in (2, 3)]
    best = max(named or several or fired or scene.filters.horizontal, key=lambda f: f.contribution)
    return best.height, best.index


def _filter_words(horizontal: HorizontalFilter) -> str:
    films = f"1 {W.film}" if horizontal.height == 1 else f"{horizontal.height} {W.films}"
    adds = f"adds {horizontal.contribution:+.2f}" if horizontal.alive else "inactive"
    return f"{filter_name(horizontal.height, horizontal.index)} · {films} · {adds}"
