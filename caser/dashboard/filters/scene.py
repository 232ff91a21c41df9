"""The views of the Filters page, one drawn at a time. All are about the visitor's films and one film's score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from caser.dashboard import film as explained
from caser.dashboard import frame as components
from caser.dashboard import loaders, wording
from caser.dashboard import results as filter_facts
from caser.dashboard.figures import comparison as figures
from caser.dashboard.figures import filters as filter_figures
from caser.dashboard.figures import plot as canvas
from caser.dashboard.selection import View
from caser.explain import filters
from caser.explain.filters import FilterView, HorizontalFilter, Trace
from caser.explain.records import to_numpy
from caser.recommend import rank_items, rank_of

FILTER, WINDOW, EPOCH = "filter looked at", "window looked at", "epoch looked at"


@dataclass(frozen=True, eq=False)
class Scene:
    """What the views draw from.

    Attributes:
        item: dense, the film whose score is looked at; film: its name.
        films: a name a position. traced, filters: what the convolutions did.
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


def scene(view: View, item: int, scores: np.ndarray) -> Scene:
    """What there is to draw for a film's score."""
    model = view.trained.model
    return Scene(
        view,
        item,
        wording.film_name(view, item),
        explained.film_names(view),
        filters.trace(model, view.history),
        filters.filter_view(model, view.user, view.history, item),
        scores,
    )


# ---- which filter


def pick_filter(shown: Scene) -> tuple[int, int] | None:
    """The horizontal filter looked at, shared by the views; None if the model has none."""
    options = filters.horizontal_filters(shown.view.trained.model)
    if not options:
        st.info("This model has no horizontal filters; it was trained with n_h = 0.", icon=":material/info:")
        return None
    if st.session_state.get(FILTER) not in options:
        st.session_state[FILTER] = _telling(shown)
    return st.selectbox(
        "Filter",
        options,
        key=FILTER,
        format_func=lambda at: _filter_words(shown.horizontal(*at)),
        persist_state="session",
        width=380,
        help="Filters are called height.number: 2.7 is the filter number 7 of those that read two films in a row.",
    )


def _telling(shown: Scene) -> tuple[int, int]:
    """The filter to begin with: of those with a name, else of two or three films, else of all, what adds most now."""
    labels, fired = filter_facts.labels(shown.view), shown.filters.fired
    named = [f for f in fired if f.height > 1 and labels[f.height, f.index]]
    several = [f for f in fired if f.height in (2, 3)]
    best = max(named or several or fired or shown.filters.horizontal, key=lambda f: f.contribution)
    return best.height, best.index


def _filter_words(found: HorizontalFilter) -> str:
    films = f"{found.height} film{'s' * (found.height > 1)}"
    adds = f"adds {found.contribution:+.2f}" if found.alive else "silent"
    return f"{canvas.filter_name(found.height, found.index)} · {films} · {adds}"


# ---- from films to a score


def flow(shown: Scene) -> None:
    """The architecture with the visitor's films flowing through it."""
    view, model = shown.view, shown.view.trained.model
    st.markdown(decomposition(shown))
    _step(1, "The last films become a matrix, a row a film")
    caption = "E, the embedding matrix. Each film always has the same row, learnt in training; orange is below zero"
    components.chart(filter_figures.embedding(shown.traced.embedding, shown.films), caption, view, key="embedding")
    left, right = st.columns([5, 4], gap="large")
    with left:
        _step(2, "Horizontal filters slide down it and keep their best match")
        caption = (
            "Each filter answers to 1 to 5 films in a row, a block of columns each; max pooling keeps "
            "the highest answer, framed with its value, and the ReLU silences what is below zero"
        ).replace("5", str(model.L))
        components.chart(
            figures.horizontal_activations(shown.traced, shown.films), caption, view, key="flow activations"
        )
    with right:
        _step(3, "Vertical filters blend all rows into one")
        weights = filters.vertical_weights(model)
        caption = "Each is a weighted sum down the columns of the matrix, with one weight a position"
        components.chart(filter_figures.blends(shown.traced, weights, shown.films), caption, view, key="blends")
    _score_steps(shown)


def decomposition(shown: Scene) -> str:
    """The score in four parts, as Markdown."""
    found = shown.filters
    parts = {
        "the horizontal filters": sum(f.contribution for f in found.horizontal),
        "the vertical filters": sum(f.contribution for f in found.vertical),
        explained.user_part(shown.view): found.user,
        "constants": found.constant,
    }
    said = ", ".join(f"**{value:+.2f}** from {name}" for name, value in parts.items())
    return f"{wording.plain(shown.film)} scores **{found.total:+.2f}**: {said}."


def _score_steps(shown: Scene) -> None:
    view, parts = shown.view, _score_vectors(shown)
    _step(4, f"Both become one vector, z; it is multiplied with what {wording.plain(shown.film)} asks for")
    caption = (
        "z = ReLU(W · [vertical, horizontal] + b): zeros are units that the ReLU switched off. Beside it the "
        f"viewer's own vector{', here that of all new visitors' * view.anonymous}. Colours: each row on its own scale"
    )
    components.chart(filter_figures.products(parts), caption, view, key="products")
    _step(5, "The sums add up to the score")
    steps = {name: float(vector @ weight) for name, (vector, weight) in parts.items()}
    steps["the film's own constant"] = float(to_numpy(view.trained.model.output_bias[shown.item]))
    added = " ".join(f"**{value:+.2f}** ({name})" for name, value in steps.items())
    rank = rank_of(shown.scores, shown.item)
    st.markdown(
        f"{added} = **{sum(steps.values()):+.2f}**, rank **{wording.place(rank)}** of all {len(shown.scores):,} "
        "films, watched ones included. Every film of the catalogue gets such a score; the highest are recommended."
    )


def _score_vectors(shown: Scene) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The vectors that a score is made of, with the film's weights for them."""
    model, parts = shown.view.trained.model, {}
    weights = to_numpy(model.item_table()[0][shown.item])  # (k,)
    z = np.maximum(shown.traced.hidden, 0)  # (d,)
    if len(z):
        parts["the films watched"] = z, weights[: len(z)]
    if model.user_dimensions:
        with torch.inference_mode():
            row = model.users(torch.tensor([shown.view.user], device=model.device))[0]
        parts[explained.user_part(shown.view)] = to_numpy(row), weights[len(z) :]
    return parts


def _step(number: int, text: str) -> None:
    st.markdown(f"##### :blue-badge[{number}] {text}")


# ---- one filter sliding


def stepper(shown: Scene) -> None:
    """One filter, laid over one window after the other, with the arithmetic."""
    at = pick_filter(shown)
    if at is None:
        return
    height = at[0]
    model, found = shown.view.trained.model, shown.horizontal(*at)
    first = _pick_window(len(found.responses), height)
    weights, bias = filters.filter_weights(model, *at), filters.filter_bias(model, *at)
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure = filter_figures.sliding(shown.traced.embedding, weights, bias, first, shown.films)
        caption = (
            "The frame is where the filter lies now; each of its rows is multiplied, number by number, "
            "with the film beneath it"
        )
        components.chart(figure, caption, shown.view, key="sliding")
    with right:
        st.markdown(_arithmetic(shown, weights, bias, first))
        figure = filter_figures.responses(found.responses, height, shown.films, upto=first)
        caption = f"Filter {canvas.filter_name(*at)} over the windows so far; max pooling keeps only the highest"
        components.chart(figure, caption, shown.view, key="so far")


def _pick_window(windows: int, height: int) -> int:
    """Where the filter lies; by slider, or forward and back."""
    at = st.session_state[WINDOW] = min(st.session_state.get(WINDOW, 0), windows - 1)
    if windows == 1:
        st.caption("This filter is as high as the whole window: there is one place for it.")
        return 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Back", icon=":material/arrow_upward:", on_click=_slide, args=(-1,), disabled=at == 0)
        st.button("Forward", icon=":material/arrow_downward:", on_click=_slide, args=(1,), disabled=at == windows - 1)
        st.select_slider(
            "Place of the filter",
            range(windows),
            key=WINDOW,
            format_func=lambda first: canvas.span(first, height),
            width=260,
        )
    return at


def _slide(by: int) -> None:
    st.session_state[WINDOW] += by


def _arithmetic(shown: Scene, weights: np.ndarray, bias: float, first: int) -> str:
    """The response spelled out, as Markdown."""
    under = (shown.traced.embedding[first : first + len(weights)] * weights).sum(1)
    lines = [
        f"filter row {row + 1} · {wording.plain(canvas.short(shown.films[first + row], 30))} = **{value:+.2f}**  "
        for row, value in enumerate(under)
    ]
    total = float(under.sum()) + bias
    added = " ".join(f"{value:+.2f}" for value in under)
    lines.append(f"sum and bias: {added} {bias:+.2f} = **{total:+.2f}**  ")
    lines.append(f"ReLU: max(0, {total:+.2f}) = **{max(total, 0):.2f}**")
    return "\n".join(lines)


# ---- vertical filters


def vertical(shown: Scene) -> None:
    """Vertical weights by position, on average and as they add up now."""
    model, view = shown.view.trained.model, shown.view
    left, right = st.columns(2, gap="large")
    with left:
        caption = "One weight a position, printed in its cell, the same for everybody; below zero is orange"
        components.chart(
            filter_figures.vertical_weights(filters.vertical_weights(model), shown.films),
            caption,
            view,
            key="vertical",
        )
    with right:
        caption = "Mean size of the weights, whatever their sign, over all vertical filters"
        size = filters.position_weight(model)
        components.chart(filter_figures.position_weights(size, shown.films), caption, view, key="heeded")
    caption = (
        "Through the present active units of z; with the horizontal filters, the user and a constant it is the score"
    )
    components.chart(filter_figures.vertical_now(shown.filters.vertical, shown.film), caption, view, key="vertical now")


# ---- the map


def film_map(shown: Scene) -> None:
    """Films on a plane, with the visitor's path and what is predicted."""
    view = shown.view
    predictions = rank_items(shown.scores, min(view.selection.k, 10), view.left_out).tolist()
    labels = loaders.titles(view.dataset.name).labels
    path = view.window
    figure = filter_figures.film_map(filter_facts.plane(view), labels, path, predictions, view.target)
    caption = (
        "Principal components of the embeddings that the filters read. An axis names the genres at its ends. "
        "Numbered circles are watched, the last one most recent; diamonds are predicted, by rank"
    )
    components.chart(figure, caption, view, key="film map")
    for words, items in (("Watched", path), ("Predicted", predictions)):
        named = " · ".join(f"{place} {wording.plain(labels[item])}" for place, item in enumerate(items, 1))
        st.markdown(f"**{words}** {named or 'nothing'}")


# ---- filters as they form


def forming(shown: Scene) -> None:
    """A filter's weights after some of the epochs of training."""
    view, snapshots = shown.view, shown.view.trained.snapshots
    at = pick_filter(shown)
    if at is None:
        return
    if len(snapshots) < 2:
        st.info("This checkpoint keeps no filters of earlier epochs; one trained on the Train page does.")
        return
    epochs = sorted(snapshots)
    if st.session_state.get(EPOCH) not in epochs:
        st.session_state[EPOCH] = epochs[len(epochs) // 2]
    epoch = st.select_slider("After epoch", epochs, key=EPOCH, width=380, help="0 is before training.")
    _weights_then(view, at, epoch, epochs)
    likeness, name = filter_facts.likeness(view), canvas.filter_name(*at)
    which = filters.horizontal_filters(view.trained.model).index(at)
    caption = "Kept snapshots only. A cosine of 1 is the same direction, 0 none in common"
    components.chart(filter_figures.forming(likeness, which, name), caption, view, key="forming")


def _weights_then(view: View, at: tuple[int, int], epoch: int, epochs: list[int]) -> None:
    """A filter's weights after an epoch, and how far they have come."""
    start, now, end = (filter_facts.snapshot_weights(view, e, *at) for e in (epochs[0], epoch, epochs[-1]))
    when = "before training" if epoch == 0 else f"after epoch {epoch}"
    size = f"{float(np.linalg.norm(now)):.2f}, at the end {float(np.linalg.norm(end)):.2f}"
    title = f"Filter {canvas.filter_name(*at)} {when}: its weights have length {size}"
    caption = "Colours on one scale for all epochs"
    most = float(np.abs(end).max())
    components.chart(filter_figures.filter_weights(now, title, most), caption, view, key="then")
    moved = float(np.linalg.norm(now - start) / max(float(np.linalg.norm(end - start)), 1e-12))
    title = f"What training has changed so far: {moved:.0%} as far from the start as at the end"
    most = float(np.abs(end - start).max())
    figure = filter_figures.filter_weights(now - start, title, most)
    components.chart(figure, f"Weights minus those before training. {caption}", view, key="changed")
