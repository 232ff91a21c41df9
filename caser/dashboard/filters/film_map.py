"""Films on a plane, with the visitor's path and what is predicted, and what lies nearest to any film."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import loaders, results, wording
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.figures.filters.filters import Colours
from caser.dashboard.film import point_at
from caser.dashboard.filters.scene import Scene
from caser.dashboard.parts import chart
from caser.dashboard.selection import choice
from caser.dashboard.table import table
from caser.dashboard.view import View
from caser.explain.film_map import film_vectors, nearest
from caser.recommend import rank_items
from caser.words import W

TITLE = "Map"
NOTE = "Shows the two widest directions of many, so films near here may be far apart in the model."
COLOUR = "colour"  # the parameter in the URL, and the widget's key
SEARCH = "film looked for"  # the session's key
PLAIN, YEAR, RATING, POPULARITY = "nothing", "year", "rating", "popularity"
NEAREST = 8  # films


def draw(scene: Scene) -> None:
    """The plane, and a film with its neighbours."""
    view = scene.view
    with st.container(horizontal=True, vertical_alignment="bottom"):
        looked_for = _search(view)
        colours = _colours(view)
    near = _nearest(view, looked_for)
    predictions = rank_items(scene.scores, min(view.selection.k, 10), view.left_out).tolist()
    labels, path = loaders.labels(view.dataset), view.window
    plane = results.plane(view.trained, view.split)
    ringed = [] if looked_for is None else [looked_for, *(film for film, _ in near)]
    figure = filter_figures.film_map(plane, labels, path, predictions, view.target, ringed, colours)
    caption = (
        "Principal components of the embeddings that the filters read. An axis has a name only if a concept explains "
        f"it better than random directions. Numbered circles: {W.watched}, the oldest first. Diamonds: predicted"
    )
    chart(figure, caption, view, key="film map")
    if looked_for is not None:
        _neighbours(view, looked_for, near)
    for words, items in ((f"{W.Watched}", path), ("Predicted", predictions)):
        named = " · ".join(f"{place} {wording.plain(labels[item])}" for place, item in enumerate(items, 1))
        st.markdown(f"**{words}** {named or 'nothing'}")
    _export(view)


def _search(view: View) -> int | None:
    """A film of the catalogue, dense."""
    labels = view.dataset.labels
    return st.selectbox(
        f"Look for {W.a_film}",
        results.most_watched(view.split),
        index=None,
        key=SEARCH,
        format_func=lambda item: labels[item],
        placeholder="Search by title",
        filter_mode="contains",
        width=330,
    )


def _colours(view: View) -> Colours | None:
    """What to colour the films by."""
    known = _concepts(view)
    options = [PLAIN, *known]
    chosen = choice(st.selectbox, "Colour by", options, COLOUR, width=220)
    return known.get(chosen)


def _concepts(view: View) -> dict[str, Colours]:
    """Year, rating and popularity as far as they are known, and every genre."""
    split, catalogue, colours = view.split, view.dataset.catalogue, {}
    year = catalogue["year"].to_numpy(float)
    if (year > 0).any():
        colours[YEAR] = Colours("year", np.where(year > 0, year, np.nan), True)
    views = loaders.watch_counts(split).astype(float)
    total = np.bincount(split.dataset.item, weights=split.dataset.rating, minlength=split.dataset.n_items)
    mean = total / np.maximum(split.dataset.views, 1)
    if len(np.unique(mean[split.dataset.views > 0])) > 1:
        colours[RATING] = Colours("mean rating", mean, True)
    colours[POPULARITY] = Colours(f"{W.viewers} (log10)", np.log10(np.maximum(views, 1)), True)
    genres = sorted({genre for listed in catalogue["genres"] for genre in listed})
    has = {genre: np.array([float(genre in listed) for listed in catalogue["genres"]]) for genre in genres}
    return colours | {genre: Colours(genre, values, False) for genre, values in has.items()}


def _nearest(view: View, item: int | None) -> list[tuple[int, float]]:
    if item is None:
        return []
    return nearest(film_vectors(view.trained.model), item, NEAREST, results.often_watched(view.split))


def _neighbours(view: View, item: int, near: list[tuple[int, float]]) -> None:
    labels = loaders.labels(view.dataset)
    shown = pd.DataFrame(
        [[labels[film], cosine] for film, cosine in near],
        index=[film for film, _ in near],
        columns=[f"{W.Film}", "Cosine"],
    )
    label = f"Nearest to {labels[item]}"
    st.markdown(f"**{wording.plain(label)}**")
    table.show(table.films(shown, view.target, label), "neighbours", partial(point_at, view))
    st.caption(
        f"In all dimensions, by the cosine of the {W.films}' rows (1 is the same direction), among "
        f"{wording.often_watched(view)}. Click one to explain its score."
    )


def _export(view: View) -> None:
    """Both files that the embedding projector takes."""
    with st.container(horizontal=True):
        for what, make in (("vectors", results.vectors_tsv), ("metadata", results.metadata_tsv)):
            st.download_button(
                f"{what.capitalize()} (TSV)",
                partial(make, view.trained, view.split),
                f"{view.trained.name}-{what}.tsv",
                "text/tab-separated-values",
                icon=":material/download:",
                on_click="ignore",
                help=f"One line per {W.film}, in one order. For projector.tensorflow.org and other embedding tools.",
            )
