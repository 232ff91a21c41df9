"""One film's score for the visitor at hand: which film, its explanation, and what to call its parts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser import data
from caser.dashboard import results, theme, wording
from caser.dashboard.names import NO_FILM, rank_words
from caser.dashboard.view import View
from caser.explain.edits import read
from caser.explain.explanation import Explanation
from caser.recommend import rank_items, rank_of, score_catalogue

FILM, POINTED_AT = "film explained", "film pointed at"


def pick_film(view: View, scores: np.ndarray) -> int:
    """The film whose score is looked at, dense: one of the list, or the held-out one. Shared by the pages."""
    listed = rank_items(scores, view.selection.k, view.left_out).tolist()
    pointed_at = [item for whose, item in st.session_state.get(POINTED_AT, []) if whose == view.selection]
    options = list(dict.fromkeys(listed + view.held_out + pointed_at)) or [0]
    if st.session_state.get(FILM) not in options:
        st.session_state[FILM] = options[0]

    def named(item: int) -> str:
        name = wording.film_name(view, item)
        rank = rank_words(rank_of(scores, item, view.left_out))
        return f"{theme.TRUTH_MARK} {rank} · {name}, watched next" if item == view.target else f"{rank} · {name}"

    return st.selectbox(
        "Film to explain",
        options,
        key=FILM,
        format_func=named,
        persist_state="session",
        width=310,
        help="One of the recommended films, or the one that was really watched next.",
    )


def point_at(view: View, item: int) -> None:
    """Explain a film from the next run on, be it on the list or not; for use in callbacks."""
    st.session_state[POINTED_AT] = [(view.selection, item)]
    st.session_state[FILM] = item


def watched(view: View) -> str:
    """Who is looked at, and the films that the model reads, numbered as in the charts; as Markdown."""
    named = (
        f":gray-badge[{place}] {wording.plain(name)}"
        for place, name in enumerate(film_names(view), 1)
        if name != NO_FILM
    )
    return f"{view.who[0].upper()}{view.who[1:]} watched {' '.join(named) or 'nothing yet'}"


def film_names(view: View) -> list[str]:
    """What is at each place that the model reads, the oldest first."""
    return names_of(view, read(view.trained.model, view.history))


def names_of(view: View, films: tuple[int, ...]) -> list[str]:
    """Films of a window by name; an empty place is `NO_FILM`."""
    padding = view.dataset.padding
    return [NO_FILM if item == padding else wording.film_name(view, item) for item in films]


def user_part(view: View) -> str:
    """What to call the user's part of a score."""
    return "a new visitor's part" if view.anonymous else "who is watching"


def catalogue_scores(view: View) -> np.ndarray:
    """float (n_items,): the whole catalogue for the visitor."""
    return score_catalogue(view.trained.model, view.user, view.history)


def explanation_of(view: View, item: int) -> Explanation:
    """Why the film gets its score; kept a while, for each checkpoint and sequence."""
    return results.explanation(view.trained, view.dataset, view.user, tuple(view.history), item)


def planted_notice(view: View) -> None:
    """Where viewers are simulated, say what they were made to do."""
    planted = data.source(view.dataset.name).planted
    if planted:
        with st.expander("What is planted in these simulated viewers", icon=":material/science:"):
            st.markdown(planted)
