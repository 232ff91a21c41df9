"""From films to a score: the architecture with the visitor's films flowing through it."""

from __future__ import annotations

import numpy as np
import streamlit as st
import torch

from caser.dashboard import wording
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.figures.filters import sequence as sequence_figures
from caser.dashboard.film import decomposition, score_parts, user_part
from caser.dashboard.filters.scene import Scene
from caser.dashboard.names import rank_words
from caser.dashboard.parts import chart
from caser.explain import filters
from caser.recommend import rank_of, to_numpy
from caser.words import W

TITLE = "Walk-through"
NOTE = "Shows the real numbers of these films and this score. It does not say what other films would have given."


def draw(scene: Scene) -> None:
    """The architecture with the visitor's films flowing through it."""
    view, model = scene.view, scene.view.trained.model
    st.markdown(decomposition(view, scene.item, scene.filters))
    _step(1, f"The last {W.films} become a matrix, one row per {W.film}")
    caption = (
        f"E, the embedding matrix. Each {W.film} always has the same row, learnt in training. Orange is below zero"
    )
    chart(filter_figures.embedding(scene.traced.embedding, scene.films), caption, view, key="embedding")
    left, right = st.columns([5, 4], gap="large")
    with left:
        _step(2, "Horizontal filters slide down it and keep their best match")
        caption = (
            f"Each filter responds to 1 to 5 {W.films} in a row, one block of columns per length. Max pooling keeps "
            "the highest response (framed). The ReLU sets what is below zero to 0"
        ).replace("5", str(model.L))
        chart(sequence_figures.horizontal_activations(scene.traced, scene.films), caption, view, key="flow activations")
    with right:
        _step(3, "Vertical filters blend all rows into one")
        weights = filters.vertical_weights(model)
        caption = "Each is a weighted sum down the columns of the matrix, with one weight per position"
        chart(filter_figures.blends(scene.traced, weights, scene.films), caption, view, key="blends")
    _score_steps(scene)


def _score_steps(scene: Scene) -> None:
    view, parts = scene.view, _score_vectors(scene)
    _step(4, f"Both become one vector, z, which is multiplied with the weights of {wording.plain(scene.film)}")
    caption = (
        "z = ReLU(W · [vertical, horizontal] + b): zeros are units that the ReLU switched off. Beside it the "
        f"{W.viewer}'s own vector{', here that of all new visitors' if view.anonymous else ''}. "
        "Colours: each row on its own scale"
    )
    chart(filter_figures.products(parts), caption, view, key="products")
    _step(5, "The sums add up to the score")
    steps = score_parts(view, scene.filters)
    added = " ".join(f"**{value:+.2f}** ({name})" for name, value in steps.items())
    rank = rank_of(scene.scores, scene.item)
    st.markdown(
        f"{added} = **{sum(steps.values()):+.2f}**, rank **{rank_words(rank)}** of all {len(scene.scores):,} "
        f"{W.films}, {W.watched} ones included. Every {W.film} of the catalogue gets such a score; the "
        "highest are recommended."
    )


def _score_vectors(scene: Scene) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The vectors that a score is made of, with the film's weights for them."""
    model, parts = scene.view.trained.model, {}
    weights = to_numpy(model.item_table()[0][scene.item])  # (k,)
    z = np.maximum(scene.traced.hidden, 0)  # (d,)
    if len(z):
        parts[f"the {W.films} {W.watched}"] = z, weights[: len(z)]
    if model.user_dimensions:
        with torch.inference_mode():
            row = model.users(torch.tensor([scene.view.user], device=model.device))[0]
        parts[user_part(scene.view)] = to_numpy(row), weights[len(z) :]
    return parts


def _step(number: int, text: str) -> None:
    st.markdown(f"##### :blue-badge[{number}] {text}")
