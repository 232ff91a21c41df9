"""Figures of the Filters page: one filter, how it formed, and the map of films.

As in `figures`: results in, a plotly Figure out, titles that state what the data say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    PRINTED,
    axis,
    bar_axes,
    bare_axis,
    dimension_axis,
    figure,
    heatmap,
    numbers,
    row_axis,
    scatter,
    signed_bars,
)
from caser.dashboard.names import literal, positions, short
from caser.explain.film_map import FilmMap
from caser.words import W

MOST_DRAWN = 400  # marks that only show where films lie


# ---- one filter


def filter_weights(weights: np.ndarray, name: str) -> go.Figure:
    """A horizontal filter's weights, one row for each film it covers: float (h, d)."""
    length = np.linalg.norm(weights, axis=1)
    most = f"; row {int(length.argmax()) + 1} weighs most" if len(weights) > 1 else ""
    drawn = [heatmap(weights, "%{y}, number %{x}: %{z:.3f}")]
    return figure(
        f"{name} is a block of {len(weights)} x {weights.shape[1]} weights{most}",
        110 + 30 * len(weights),
        [*drawn, numbers(weights)] if weights.shape[1] <= PRINTED else drawn,
        xaxis=dimension_axis(weights.shape[1], f"number of the {W.film}'s vector"),
        yaxis=row_axis([f"row {row + 1}" for row in range(len(weights))]),
    )


def place_weights(weights: np.ndarray, name: str, films: Sequence[str]) -> go.Figure:
    """A vertical filter's weight for each place, the oldest first: float (L,)."""
    size = np.abs(weights)
    place = int(size.argmax())
    share = f"{size[place] / (size.sum() or 1.0):.0%} of its weight is on {W.film} {place + 1}"
    bars = signed_bars(positions(films), weights, "%{y}: %{x:+.3f}")
    return figure(
        f"{name} blends {len(weights)} {W.films}; {share}", 64 + 36 * len(weights), [bars], **bar_axes(weights)
    )


# ---- the map of films


@dataclass(frozen=True, eq=False)
class Colours:
    """What the films of the map are coloured by.

    Attributes:
        name: in the legend and at the scale. values: float (n_items,); nan is unknown. graded: more or less of it, else
            a film has it (1) or not (0).
    """

    name: str
    values: np.ndarray
    graded: bool


def film_map(
    plane: FilmMap,
    labels: Sequence[str],
    path: Sequence[int],
    predictions: Sequence[int],
    target: int | None,
    near: Sequence[int] = (),
    colours: Colours | None = None,
) -> go.Figure:
    """Films on the plane that holds most of their spread, with the visitor's path and what is predicted.

    Args:
        labels: one per film, by dense id. path: watched, the oldest first. predictions: the best first.
        near: the film searched for, then those nearest to it.
    """
    traces = _backdrop(plane, labels, colours)
    if path:
        traces.append(_path(plane, path, labels))
    if predictions:
        traces.append(_predictions(plane, predictions, labels))
    if target is not None:
        look = {"size": 16, "color": theme.TRUTH, "symbol": "star"}
        traces.append(_films(plane, [target], labels, f"{W.watched} next", look))
    if near:
        ring = {"size": 17, "color": theme.MARK, "symbol": "circle-open", "line": {"width": 2}}
        traces.append(_films(plane, near[1:], labels, "nearest to it", ring))
        traces.append(_films(plane, near[:1], labels, "searched", ring | {"size": 24, "line": {"width": 4}}))
    return figure(
        _map_title(plane, labels, path, predictions),
        560,
        traces,
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=_component_axis(plane, 0),
        yaxis=_component_axis(plane, 1),
    )


def _backdrop(plane: FilmMap, labels: Sequence[str], colours: Colours | None) -> list[dict]:
    """The other films, grey or coloured."""
    every = -(-len(plane.films) // MOST_DRAWN) if colours is None else 1
    films, name = plane.films[::every], f"other {W.films}, 1 in {every}" if every > 1 else f"other {W.films}"
    if colours is None:
        return [_films(plane, films, labels, name, {"size": 5, "color": theme.GRID})]
    values = colours.values[films]
    if colours.graded:
        bar = {"title": {"text": colours.name, "side": "right"}, "thickness": 10, "len": 0.7}
        scale = {"color": values, "colorscale": "Viridis", "colorbar": bar, "size": 6, "opacity": 0.8}
        return [_films(plane, films, labels, name, scale)]
    has = values == 1
    return [
        _films(plane, films[~has], labels, name, {"size": 5, "color": theme.GRID}),
        _films(
            plane, films[has], labels, literal(colours.name), {"size": 7, "color": theme.ACCENT, "symbol": "square"}
        ),
    ]


def _component_axis(plane: FilmMap, component: int) -> dict:
    name, way = plane.names[component], "→↑"[component]
    goes_by = f" {way} {literal(name.text)} ({name.share:.0%} explained)" if name else ", no tested concept explains it"
    return bare_axis(f"{plane.share[component]:.1%} of the variance{goes_by}", showticklabels=False)


def _films(
    plane: FilmMap, items: Sequence[int], labels: Sequence[str], name: str, marker: dict, mode: str = "markers", **more
) -> dict:
    return scatter(
        x=plane.place[items, 0],
        y=plane.place[items, 1],
        name=name,
        mode=mode,
        marker=marker,
        text=[labels[i] for i in items],
        hovertemplate="%{text}<extra></extra>",
        **more,
    )


def _path(plane: FilmMap, path: Sequence[int], labels: Sequence[str]) -> dict:
    return _films(
        plane,
        path,
        labels,
        f"{W.watched}, in order",
        {"size": 20, "color": theme.ACCENT, "opacity": 0.45},
        mode="lines+markers+text",
        line={"color": theme.ACCENT, "width": 2},
        texttemplate=[f"<b>{number}</b>" for number in range(1, len(path) + 1)],
        textposition="middle center",
    )


def _predictions(plane: FilmMap, items: Sequence[int], labels: Sequence[str]) -> dict:
    return _films(
        plane,
        items,
        labels,
        "predicted, by rank",
        {"size": 11, "color": theme.POSITIVE, "symbol": "diamond"},
        mode="markers+text",
        texttemplate=[str(rank) for rank in range(1, len(items) + 1)],
        textposition="top center",
    )


def _map_title(plane: FilmMap, labels: Sequence[str], path: Sequence[int], predictions: Sequence[int]) -> str:
    held = f"the two directions hold {sum(plane.share):.0%} of the {W.films}' spread"
    if not path or not predictions:
        return f"A flat view of the {W.films}: {held}"
    away = np.linalg.norm(plane.place[list(predictions)] - plane.place[path[-1]], axis=1)
    near = predictions[int(away.argmin())]
    return f"{short(labels[near])} is the predicted {W.film} nearest to the last {W.film} here; {held}"


# ---- forming


def forming(likeness: Mapping[int, Mapping[str, float]], names: Sequence[str]) -> go.Figure:
    """How like their final weights some filters are, by epoch, beside the median filter.

    Args:
        likeness: cosines by filter's name, by epoch. names: of the filters drawn, the first one told of.
    """
    epochs = list(likeness)
    middle = np.array([np.median(list(likeness[epoch].values())) for epoch in epochs])
    lines = [
        (name, np.array([likeness[epoch][name] for epoch in epochs]), hue, dash)
        for name, hue, dash in zip(names, (theme.ACCENT, theme.MARK), ("solid", "dash"), strict=False)
    ]
    return figure(
        _forming_title(epochs, lines[0][1], names[0]),
        300,
        [
            scatter(
                x=epochs,
                y=values,
                name=label,
                mode="lines+markers",
                line={"color": hue, "dash": dash, "width": 3},
                hovertemplate=f"{label}, epoch %{{x}}: cosine %{{y:.2f}}<extra></extra>",
            )
            for label, values, hue, dash in (*lines, ("median filter", middle, theme.NEUTRAL, "dot"))
        ],
        showlegend=True,
        legend=LEGEND_ABOVE | {"y": 1.02},
        xaxis=axis("epoch (0 is before training)", tickvals=epochs),
        yaxis=axis("cosine with the end"),
    )


def _forming_title(epochs: Sequence[int], likeness: np.ndarray, name: str) -> str:
    start = float(likeness[0])
    if start >= 0.5:
        return f"Filter {name} keeps much of its random start (cosine {start:.2f} between start and end)"
    settled = len(epochs) - 1  # where the likeness is 1 whatever the filter did
    while likeness[settled - 1] > 0.9:
        settled -= 1
    turns = f"Filter {name} turns away from its random start"
    if settled < len(epochs) - 1:
        return f"{turns} and settles by epoch {epochs[settled]} (cosine with the end above 0.9)"
    if len(epochs) > 2:
        return f"{turns} and still turns after epoch {epochs[-2]} (cosine with the end {likeness[-2]:.2f})"
    return f"{turns} (cosine with the end {start:.2f})"
