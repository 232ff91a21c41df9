"""Figures of what both kinds of filters do with one sequence of films."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import bare_axis, empty, figure, heatmap, numbers, scatter
from caser.explain.filters import Trace
from caser.words import W


def horizontal_activations(trace: Trace, films: Sequence[str]) -> go.Figure:
    """Every horizontal filter over every window of one sequence, after ReLU.

    The window that max pooling keeps is framed and its value printed; an inactive filter has no frame.

    Args:
        trace: of the sequence. films: a short name for each position, the oldest first.
    """
    if not trace.responses or not trace.responses[0].size:
        return empty("This model has no horizontal filters")
    values, starts = _side_by_side(trace.responses)
    hover = "filter %{y} over %{customdata}: %{z:.2f}"
    under = _window_names(trace.responses, films)
    return figure(
        _activation_title(trace, films),
        90 + 23 * len(values),
        [
            heatmap(np.maximum(values, 0), hover, theme.ACTIVATION, xgap=1, ygap=1, customdata=under),
            _pooled(trace, starts),
        ],
        xaxis=_window_axis(trace.responses, starts),
        yaxis=_filter_axis(len(values)),
        annotations=[_height_name(h, start, len(trace.responses)) for h, start in starts],
    )


def _side_by_side(responses: Sequence[np.ndarray]) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The heights' responses as one matrix (n_h, columns), a gap between heights, and (height, first column)."""
    gap = np.full((responses[0].shape[1], 1), np.nan)
    columns, starts, at = [], [], 0
    for h, response in enumerate(responses, 1):
        starts.append((h, at))
        columns += [response.T, gap]
        at += len(response) + 1
    return np.concatenate(columns[:-1], 1), starts


def _span(films: Sequence[str], first: int, height: int) -> str:
    return " → ".join(films[first : first + height])


def _window_names(responses: Sequence[np.ndarray], films: Sequence[str]) -> np.ndarray:
    """str (n_h, columns): the films under each cell of `_side_by_side`."""
    names = []
    for h, response in enumerate(responses, 1):
        names += [_span(films, first, h) for first in range(len(response))] + [""]
    return np.tile(np.array(names[:-1], object), (responses[0].shape[1], 1))


def _pooled(trace: Trace, starts: Sequence[tuple[int, int]]) -> dict:
    """The windows that max pooling keeps, where the filter fires at all."""
    x, y, value = [], [], []
    for h, start in starts:
        fires = np.flatnonzero(trace.alive[h - 1])
        x += (start + trace.pooled[h - 1][fires]).tolist()
        y += fires.tolist()
        value += trace.activation[h - 1][fires].tolist()
    return scatter(
        x=x,
        y=y,
        mode="markers+text",
        text=[_short(v) for v in value],
        textfont={"size": 10},
        marker={"symbol": "square-open", "size": 20, "line": {"width": 1.5}, "color": theme.MARK},
        hoverinfo="skip",
        showlegend=False,
    )


def _short(value: float) -> str:
    """Three signs, to fit a small frame: .07 or 1.2."""
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2f}".removeprefix("0")


def _window_axis(responses: Sequence[np.ndarray], starts: Sequence[tuple[int, int]]) -> dict:
    ticks = {start + first: _positions(first, h) for h, start in starts for first in range(len(responses[h - 1]))}
    return bare_axis(f"{W.films} covered, numbered as above", tickvals=list(ticks), ticktext=list(ticks.values()))


def _height_name(height: int, start: int, L: int) -> dict:
    """How many films are covered, over the middle of a block of windows; only the three widest have room for a word."""
    windows = L - height + 1
    words = (f" {W.film}" if height == 1 else f" {W.films}") if windows > max(2, L - 3) else ""
    place = {"x": start + (windows - 1) / 2, "y": 1, "yref": "paper", "yanchor": "bottom"}
    return {"text": f"<b>{height}{words}</b>", "showarrow": False} | place


def _filter_axis(n: int) -> dict:
    return bare_axis("filter", range=[n - 0.5, -0.5], tickvals=np.arange(n))


def _positions(first: int, height: int) -> str:
    """The films under a window, stacked, so that neighbouring labels never touch."""
    return str(first + 1) if height == 1 else f"{first + 1}<br>–<br>{first + height}"


def _activation_title(trace: Trace, films: Sequence[str]) -> str:
    if not trace.alive.any():
        return f"No horizontal filter fires for these {W.films}"
    h, best = np.unravel_index(int(trace.activation.argmax()), trace.activation.shape)
    first = int(trace.pooled[h, best])
    where = _span(films, first, h + 1) if h < 2 else f"{W.films} {first + 1} to {first + h + 1}"
    return f"{int(trace.alive.sum())} of {trace.alive.size} horizontal filters fire; the strongest responds to {where}"


def vertical_weights(weights: np.ndarray, films: Sequence[str]) -> go.Figure:
    """Each vertical filter's weight for each position, printed in its cell.

    Args:
        weights: float (n_v, L), the oldest first. films: a short name for each position.
    """
    if not weights.size:
        return empty("This model has no vertical filters")
    return weights_by_position(
        _weights_title(weights), weights, films, f"{W.film}, numbered as above", _filter_axis(len(weights))
    )


def weights_by_position(title: str, weights: np.ndarray, films: Sequence[str], under: str, filters: dict) -> go.Figure:
    """The weights of `vertical_weights`.

    Args:
        under: what is written under the positions. filters: the axis of the filters.
    """
    places = np.arange(len(films))
    names = np.tile(np.array(films, object), (len(weights), 1))
    texts = np.array([f"{weight:+.2f}" for weight in weights.ravel()])
    return figure(
        title,
        120 + 44 * len(weights),
        [
            heatmap(weights, "filter %{y}, %{customdata}: %{z:.2f}", xgap=2, ygap=2, customdata=names),
            numbers(weights, 13, texts),
        ],
        xaxis=bare_axis(under, tickvals=places, ticktext=places + 1),
        yaxis=filters,
    )


def _weights_title(weights: np.ndarray) -> str:
    size = np.abs(weights).mean(0)
    heaviest, n = int(size.argmax()), len(size)
    if size.min() > 0.95 * size.max():
        return f"Vertical filters weigh all {W.films} about alike"
    where = f"the most recent {W.film}" if heaviest == n - 1 else f"{W.film} {heaviest + 1} of {n}"
    more = f", {size[heaviest] / size[0]:.1f} times the oldest" if 0 < size[0] < 0.95 * size[heaviest] else ""
    return f"Vertical filters weigh {where} most{more}"
