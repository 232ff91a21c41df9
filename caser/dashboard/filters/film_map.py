"""Films on a plane, with the visitor's path and what is predicted."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import loaders, results, wording
from caser.dashboard.figures import filters as filter_figures
from caser.dashboard.filters.scene import Scene
from caser.dashboard.parts import chart
from caser.recommend import rank_items

TITLE = "Map"
NOTE = "Shows the two widest directions of many, so films near here may be far apart in the model."


def draw(scene: Scene) -> None:
    """Films on a plane, with the visitor's path and what is predicted."""
    view = scene.view
    predictions = rank_items(scene.scores, min(view.selection.k, 10), view.left_out).tolist()
    labels = loaders.titles(view.dataset).labels
    path = view.window
    figure = filter_figures.film_map(results.plane(view.trained, view.split), labels, path, predictions, view.target)
    caption = (
        "Principal components of the embeddings that the filters read. An axis names the genres at its ends. "
        "Numbered circles are watched, the last one most recent; diamonds are predicted, by rank"
    )
    chart(figure, caption, view, key="film map")
    for words, items in (("Watched", path), ("Predicted", predictions)):
        named = " · ".join(f"{place} {wording.plain(labels[item])}" for place, item in enumerate(items, 1))
        st.markdown(f"**{words}** {named or 'nothing'}")
