"""What the views of the Filters page draw from: the film looked at, and every filter's part in its score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from caser.dashboard import results, wording
from caser.dashboard.film import film_names
from caser.dashboard.view import View
from caser.explain import filters
from caser.explain.filters import FilterView, HorizontalFilter, VerticalFilter
from caser.words import W

FILTER, BESIDE = "filter", "beside"  # parameters in the address, and the widgets' keys
COST = "hr@50"  # the metric that a filter's loss is measured by


@dataclass(frozen=True, eq=False)
class Scene:
    """What the views draw from.

    Attributes:
        film: the name of the film whose score is explained. films: a name for each place that the model reads.
        filters: every filter's part in the score. scores: float (n_items,), the whole catalogue's.
    """

    view: View
    film: str
    films: list[str]
    filters: FilterView
    scores: np.ndarray

    @property
    def by_name(self) -> dict[str, HorizontalFilter | VerticalFilter]:
        """Every filter, the horizontal ones first."""
        return {kernel.name: kernel for kernel in (*self.filters.horizontal, *self.filters.vertical)}


def set_scene(view: View, item: int, scores: np.ndarray) -> Scene:
    """What there is to draw for a film's score."""
    shown = filters.filter_view(view.trained.model, view.user, view.history, item)
    return Scene(view, wording.film_name(view, item), film_names(view), shown, scores)


def looks_for(view: View, kernel: HorizontalFilter | VerticalFilter) -> str:
    """What a filter responds to, in a few words; a horizontal one's name has to beat random filters."""
    if isinstance(kernel, VerticalFilter):
        place = filters.dominant(np.array(kernel.weights))  # less than that any set of weights would show
        return f"spread over {W.films}" if place is None else f"mostly {W.film} {place + 1}"
    name = results.filter_names(view.trained, view.split)[kernel.height, kernel.index]
    return name.text if name.named else f"no name; {name.text}"
