"""One filter sliding over the films, with its arithmetic."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import wording
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.filters.scene import Scene, pick_filter
from caser.dashboard.names import filter_name, short, span
from caser.dashboard.parts import chart
from caser.explain import filters
from caser.words import W

TITLE = "Step by step"
NOTE = "Shows one filter's arithmetic exactly. It does not show what the response is used for."
PLACE = "window looked at"  # the session's key


def draw(scene: Scene) -> None:
    """One filter, laid over one window after the other, with the arithmetic."""
    selected = pick_filter(scene)
    if selected is None:
        return
    height = selected[0]
    model, horizontal = scene.view.trained.model, scene.horizontal(*selected)
    first = _pick_window(len(horizontal.responses), height)
    weights, bias = filters.filter_weights(model, *selected), filters.filter_bias(model, *selected)
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure = filter_figures.sliding(scene.traced.embedding, weights, bias, first, scene.films)
        caption = (
            "The frame shows where the filter is now. Each of its rows is multiplied, number by number, "
            f"with the {W.film} below it"
        )
        chart(figure, caption, scene.view, key="sliding")
    with right:
        st.markdown(_arithmetic(scene, weights, bias, first))
        figure = filter_figures.responses(horizontal.responses, height, scene.films, upto=first)
        caption = f"Filter {filter_name(*selected)} over the windows so far; max pooling keeps only the highest"
        chart(figure, caption, scene.view, key="so far")


def _pick_window(windows: int, height: int) -> int:
    """Where the filter lies; by slider, or forward and back."""
    place = st.session_state[PLACE] = min(st.session_state.get(PLACE, 0), windows - 1)
    if windows == 1:
        st.caption("This filter covers the whole window, so it has only one place.")
        return 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("Back", icon=":material/arrow_upward:", on_click=_slide, args=(-1,), disabled=place == 0)
        st.button(
            "Forward", icon=":material/arrow_downward:", on_click=_slide, args=(1,), disabled=place == windows - 1
        )
        st.select_slider(
            "Place of the filter",
            range(windows),
            key=PLACE,
            format_func=lambda first: span(first, height),
            width=260,
        )
    return place


def _slide(by: int) -> None:
    st.session_state[PLACE] += by


def _arithmetic(scene: Scene, weights: np.ndarray, bias: float, first: int) -> str:
    """The response spelled out, as Markdown."""
    under = (scene.traced.embedding[first : first + len(weights)] * weights).sum(1)
    lines = [
        f"filter row {row + 1} · {wording.plain(short(scene.films[first + row], 30))} = **{value:+.2f}**  "
        for row, value in enumerate(under)
    ]
    total = float(under.sum()) + bias
    added = " ".join(f"{value:+.2f}" for value in under)
    lines.append(f"sum and bias: {added} {bias:+.2f} = **{total:+.2f}**  ")
    lines.append(f"ReLU: max(0, {total:+.2f}) = **{max(total, 0):.2f}**")
    return "\n".join(lines)
