"""One film's score for the visitor at hand: which film, its explanation, and what to call its parts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import results, theme, wording
from caser.dashboard.names import no_film, rank_words
from caser.dashboard.selection import choose, current
from caser.dashboard.view import View
from caser.explain.concepts import FilterName, borne_out
from caser.explain.edits import read
from caser.explain.explanation import Explanation
from caser.explain.filters import FilterView
from caser.handout.reason import NETWORK, OWN, user_part
from caser.recommend import rank_items, rank_of
from caser.words import W, spoken

FILM = "film explained"  # the widget's key


def film_explained(view: View, scores: np.ndarray) -> int:
    """The film whose score is explained, dense: the one picked, else the first of the list."""
    if view.selection.film is not None:
        return view.dataset.item_index(view.selection.film)
    return next(iter(_offered(view, scores)))


def _offered(view: View, scores: np.ndarray) -> list[int]:
    """The films listed, and the held-out one."""
    listed = rank_items(scores, view.selection.k, view.not_listed).tolist()
    return list(dict.fromkeys(listed + view.held_out)) or [0]


def pick_film(view: View, scores: np.ndarray) -> int:
    """The film whose score is explained, dense, and a box to pick another. Shared by the pages."""
    item = film_explained(view, scores)
    options = list(dict.fromkeys([*_offered(view, scores), item]))
    st.session_state[FILM] = item

    def named(item: int) -> str:
        name = wording.film_name(view, item)
        rank = rank_words(rank_of(scores, item, view.left_out))
        return f"{theme.TRUTH_MARK} {rank} · {name}, {W.watched} next" if item == view.target else f"{rank} · {name}"

    st.selectbox(
        f"{W.Film} to explain",
        options,
        key=FILM,
        format_func=named,
        on_change=lambda: point_at(view, st.session_state[FILM]),
        width=480,
        help=f"One of the recommended {W.films}, or the one that was really {W.watched} next.",
    )
    return item


def point_at(view: View, item: int, **page: str | None) -> None:
    """Explain a film from the next run on, be it on the list or not; for use in callbacks.

    Args:
        page: parameters of the page's own that change with it.
    """
    choose(page, film=view.dataset.item_id(item))


def drawn_with_the_page(view: View) -> None:
    """Draw the whole page anew where a fragment has changed what all of it shows; call it first in a fragment."""
    if current() != view.selection:
        st.rerun()


def film_names(view: View) -> list[str]:
    """What is at each place that the model reads, the oldest first."""
    return names_of(view, read(view.trained.model, view.history))


def names_of(view: View, films: tuple[int, ...]) -> list[str]:
    """Films of a window by name; an empty place is `no_film()`."""
    padding = view.dataset.padding
    return [no_film() if item == padding else wording.film_name(view, item) for item in films]


def names_borne_out(view: View, found: FilterView) -> dict[tuple[int, int], FilterName]:
    """Of the filters that fire, by (height, index), the names that fit the films under them."""
    seen, split = read(view.trained.model, view.history), view.split
    films, known = results.often_watched(split), results.concept_values(split)
    names = {(one.height, one.index): one.pooled for one in found.fired}
    called = results.filter_names(view.trained, split)
    return {at: called[at] for at, first in names.items() if borne_out(called[at], seen[first:], films, known)}


def score_parts(view: View, found: FilterView) -> dict[str, float]:
    """What a score is the sum of, by name, as it is printed: the same parts with the same values on every page.

    Of the two kinds of filters the one that adds or takes more stands first.
    """
    parts = found.printed
    kinds = {"the vertical filters": parts["vertical"], "the horizontal filters": parts["horizontal"]}
    kinds = dict(sorted(kinds.items(), key=lambda part: -abs(part[1])))
    rest = {user_part(view.anonymous): parts["user"], NETWORK: parts["network"], spoken(OWN): parts["constant"]}
    return kinds | {name: value for name, value in rest.items() if value}


def catalogue_scores(view: View, at: int = 0) -> np.ndarray:
    """float (n_items,): the whole catalogue for the visitor, by one model of the pair."""
    return results.scores(view.pair[at], view.split, view.user, tuple(view.history))


def explanation_of(view: View, item: int) -> Explanation:
    """Why the film gets its score; kept a while, for each checkpoint and sequence."""
    return results.explanation(view.trained, view.dataset, view.user, tuple(view.history), item)
