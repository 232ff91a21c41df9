"""Curves over the last films: their shapes layer by layer, how many films count, and which gates open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    PRINTED,
    above,
    axis,
    bare_axis,
    figure,
    heatmap,
    numbers,
    on,
    row_axis,
    scatter,
    shares,
)
from caser.evaluation import METRICS
from caser.explain.curves.effects import CurveEffects
from caser.explain.curves.shapes import ALTERNATES, BACK, FADES, QUICK, SLOW, Group
from caser.words import W

HUES = {
    QUICK: theme.ACCENT,
    FADES: theme.POSITIVE,
    BACK: theme.MARK,
    SLOW: theme.NEGATIVE,
    ALTERNATES: theme.TRUTH,
}
DASHES = {QUICK: "dot", FADES: "solid", BACK: "dash", SLOW: "longdash", ALTERNATES: "dashdot"}


def shapes(groups: Sequence[Group], begun: np.ndarray) -> go.Figure:
    """Each layer's curves by shape, averaged; beside them the curve that all began as.

    Args:
        begun: float (K,), before training.
    """
    layers = sorted({group.layer for group in groups})
    first = {group.shape: group for group in reversed(groups)}  # of each shape, which the legend names once
    traces, axes, notes = [], {}, []
    for place, (layer, domain) in enumerate(zip(layers, shares([1] * len(layers), 0.1), strict=True)):
        panel = str(place + 1) if place else ""
        lines = [_line(group, first[group.shape] is group) for group in groups if group.layer == layer]
        traces += on(panel, *lines, _begun(begun, not place))
        axes[f"xaxis{panel}"] = axis(f"{W.films} back", domain=domain, rangemode="tozero")
        axes[f"yaxis{panel}"] = axis(anchor=f"x{panel}")
        notes.append(above(panel, f"layer {layer + 1}"))
    title = f"How far back each dimension looks, {len(layers)} layer{'s' if len(layers) > 1 else ''}"
    return figure(title, 320, traces, annotations=notes, showlegend=True, legend=LEGEND_ABOVE | {"y": 1.1}, **axes)


def _line(group: Group, named: bool) -> dict:
    size = len(group.dimensions)
    return scatter(
        x=np.arange(len(group.mean)),
        y=group.mean,
        mode="lines",
        name=group.shape,
        showlegend=named,
        line={"color": HUES[group.shape], "dash": DASHES[group.shape], "width": 2 + 2 * (size >= 30)},
        hovertemplate=f"%{{x}} back: %{{y:.2f}}<extra>{group.shape}, {size} dimensions</extra>",
    )


def _begun(begun: np.ndarray, named: bool) -> dict:
    return scatter(
        x=np.arange(len(begun)),
        y=begun,
        mode="lines",
        name="before training",
        showlegend=named,
        line={"color": theme.NEUTRAL, "width": 1},
        hovertemplate="%{x} back: %{y:.2f}<extra>before training</extra>",
    )


def reach(effects: CurveEffects, metric: str) -> go.Figure:
    """The metric by how many of the last films are read."""
    measure, read = METRICS[metric], sorted(effects.reach)
    values = [measure.scale * effects.reach[n][metric] for n in read]
    line = scatter(
        x=list(range(len(read))),
        y=values,
        mode="lines+markers+text",
        text=[f"<b>{measure.short(effects.reach[n][metric], 1)}</b>" for n in read],
        textposition="top center",
        cliponaxis=False,
        line={"color": theme.ACCENT, "width": 3},
        hovertemplate=f"the last %{{customdata}}: %{{y:.3g}}<extra>{measure.label}</extra>",
        customdata=read,
    )
    low, high = min(values), max(values)
    room = 0.25 * ((high - low) or 1.0)
    return figure(
        f"{measure.label} by how many of the last {W.films} are read",
        240,
        [line],
        xaxis=bare_axis(f"{W.films} read", tickvals=list(range(len(read))), ticktext=[str(n) for n in read]),
        yaxis=axis(range=[low - room, high + 1.6 * room]),
    )


def gates(opened: np.ndarray, films: Sequence[str]) -> go.Figure:
    """How far each layer's gate opens at each film, the mean over dimensions.

    Args:
        opened: float (n, layers), 0 to 1. films: names, oldest first.
    """
    traces = [heatmap(opened - 0.5, "%{y}, %{x}: %{z:.2f} open") | {"z": opened, "zmid": 0.5, "zmin": 0, "zmax": 1}]
    if opened.shape[1] <= PRINTED:
        traces.append(numbers(opened, texts=np.array([[f"{value:.2f}" for value in row] for row in opened])))
    layers = [f"layer {layer + 1}" for layer in range(opened.shape[1])]
    across = bare_axis(tickvals=list(range(len(layers))), ticktext=layers)
    title = f"How far the gates open at these {W.films}"
    return figure(title, 110 + 30 * len(films), traces, xaxis=across, yaxis=row_axis(films))
