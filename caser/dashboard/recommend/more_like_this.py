"""The films that the model finds most like one, whatever was watched."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import loaders, results, wording
from caser.dashboard.film import point_at
from caser.dashboard.recommend import lists
from caser.dashboard.table import table
from caser.dashboard.view import View
from caser.explain.film_map import film_vectors, nearest
from caser.recommend import rank_all
from caser.words import W

TITLE = lists.ALIKE
SIMILAR = 10  # films


def draw(view: View, item: int, scores: np.ndarray) -> None:
    """The films whose vectors lie nearest, with where each is on the list."""
    vectors, film = film_vectors(view.trained.model), wording.film_name(view, item)
    if vectors is None:
        st.info(f"{view.pair[0].signed} has no vectors of {W.films} to compare.", icon=":material/info:")
        return
    rank = rank_all(scores, view.left_out)
    alike = nearest(vectors, item, SIMILAR, results.often_watched(view.split))
    labels = loaders.labels(view.dataset)
    shown = pd.DataFrame(
        [[labels[other], cosine, rank[other]] for other, cosine in alike],
        index=[other for other, _ in alike],
        columns=[f"{W.Film}", "Cosine", "Rank"],
    )
    table.show(table.films(shown, view.target, f"{W.Films} most like {film}"), "similar", partial(point_at, view))
    st.caption(f"By the vectors the model learnt, among {wording.often_watched(view)}.")
