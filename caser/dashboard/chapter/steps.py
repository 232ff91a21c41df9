"""The model's steps: the code of each, and what it makes of the films at hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st
import torch

from caser.dashboard import names, wording
from caser.dashboard.chapter import text
from caser.dashboard.figures import chapter as figures
from caser.dashboard.figures.filters.filters import place_weights
from caser.dashboard.film import catalogue_scores, film_explained
from caser.dashboard.parts import chart
from caser.dashboard.picture import picture as living
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.explain.filters import Trace, trace, vertical_name, vertical_weights
from caser.models import Caser, DotProduct
from caser.models.kernels import weighted_rows
from caser.recommend import to_numpy, window
from caser.words import W


def picture(view: View) -> None:
    """The whole flow, small."""
    living.draw(view, small=True)


def values(view: View) -> None:
    """What the letters are in the model at hand."""
    config = view.trained.model.config
    said = ", ".join(f"{name} = {getattr(config, name):g}" for name in ("L", "d", "n_h", "n_v", "dropout"))
    st.caption(f"In {wording.plain(view.trained.name)}: {wording.plain(said)}.")


def horizontal(view: View) -> None:
    """The filter that matches these films best, over its windows."""
    code, drawn = beside(Caser.horizontal_responses)
    code.caption(
        "Then ReLU, and the largest over t. Training runs a faster form, `kernels.convolutions`, held to this by tests."
    )
    with drawn:
        if not view.trained.model.config.n_h:
            st.info("This model has no horizontal filters (n_h = 0).")
            return
        traced = _traced(view)
        height, index = _clearest(traced)
        name = names.filter_name(height, index)
        caption = (
            f"This filter reads {height} {W.films if height > 1 else W.film} at a time; only the largest bar counts"
        )
        chart(figures.matches(traced.responses[height - 1][:, index], height, name), caption, view, key="matches")
        _look_into(view, name)


def vertical(view: View) -> None:
    """The first vertical filter's weights."""
    _, drawn = beside(weighted_rows)
    with drawn:
        if not view.trained.model.config.n_v:
            st.info("This model has no vertical filters (n_v = 0).")
            return
        films = _film_labels(view)
        name = vertical_name(0)
        figure = place_weights(vertical_weights(view.trained.model)[0], name, films)
        chart(figure, f"Place 1 is the oldest of the {W.films} that are read", view, key="places")
        _look_into(view, name)


def score(view: View) -> None:
    """One score as the sum of what it is made of."""
    _, drawn = beside(Caser.hidden_vector, Caser.query, DotProduct.scores)
    item = film_explained(view, catalogue_scores(view))
    labels, parts = _parts(view, item)
    with drawn:
        chart(figures.parts(labels, parts, wording.film_name(view, item)), "The bars add up", view, key="parts")
        film = {"film": str(view.dataset.item_id(item))}
        params = view.selection.params() | film | {"ask": "Why this film"}
        link("recommend", f"Which {W.films} and filters it comes from", params, ":material/arrow_forward:")


def beside(*functions: Callable) -> tuple:
    """The code in the left column; both columns."""
    code, drawn = st.columns([3, 2], gap="large")
    code.code(text.sources(*functions), "python", wrap_lines=True)
    return code, drawn


def _traced(view: View) -> Trace:
    return trace(view.trained.model, view.history)


def _clearest(traced: Trace) -> tuple[int, int]:
    """Height and index of the horizontal filter that answers most, of those that have two windows if there are any."""
    answers = traced.activation[: max(1, len(traced.activation) - 1)]  # (L - 1, n_h)
    row, index = np.unravel_index(answers.argmax(), answers.shape)
    return int(row) + 1, int(index)


def _film_labels(view: View) -> list[str]:
    missing = view.trained.model.L - len(view.window)
    return [names.no_film()] * missing + [wording.film_name(view, item) for item in view.window]


@torch.inference_mode()
def _parts(view: View, item: int) -> tuple[list[str], np.ndarray]:
    """What each part of the query adds to a film's score, and the film's own constant, by name."""
    model = view.trained.model
    query = to_numpy(model.query(torch.tensor([view.user]), window(model, view.history))[0])  # (k,)
    weight, bias = (to_numpy(part) for part in model.item_rows(torch.tensor([item])))
    products, cut = query * weight[0], len(query) - model.user_dimensions
    parts = {f"z: the last {W.films}": products[:cut].sum(), f"pᵤ: who is {W.watching}": products[cut:].sum()}
    present = [bool(cut), model.knows_user]
    labels = [label for label, there in zip(parts, present, strict=True) if there]
    return [*labels, f"b′ᵢ: the {W.film} itself"], np.array([*(parts[label] for label in labels), bias[0]])


def _look_into(view: View, name: str) -> None:
    params = view.selection.params() | {"filter": name}
    link("filters", f"Filter {name} in the moving picture", params, ":material/arrow_forward:")
