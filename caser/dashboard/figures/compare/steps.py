"""From Caser to a model with curves: every training of every step."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import axis, bare_axis, figure, scatter
from caser.dashboard.names import short
from caser.evaluation import METRICS
from caser.field.steps import Step


def steps(way: Sequence[Step], metric: str) -> go.Figure:
    """A row for each step, a dot for each training, and a line through the means."""
    return _rows(f"{way[0].name} to {way[-1].name}, step by step", way, metric)


def values(swept: Sequence[Step], metric: str, setting: str) -> go.Figure:
    """The same with a row for each value of a setting."""
    best = max(swept, key=lambda step: step.mean)
    return _rows(f"{METRICS[metric].label} by {setting}: highest at {best.name}", swept, metric)


def _rows(title: str, way: Sequence[Step], metric: str) -> go.Figure:
    measure, rows = METRICS[metric], range(len(way))
    dots = [(measure.scale * value, row) for row in rows for value in way[row].by_seed.values()]
    means = [measure.scale * step.mean for step in way]
    low, high = min(x for x, _ in dots), max(x for x, _ in dots)
    room = 0.2 * ((high - low) or 1.0)
    return figure(
        title,
        90 + 44 * len(way),
        [
            scatter(
                x=[x for x, _ in dots],
                y=[row for _, row in dots],
                mode="markers",
                marker={"color": theme.NEUTRAL, "size": 7, "symbol": "circle-open"},
                hovertemplate="one training: %{x:.3g}<extra></extra>",
            ),
            scatter(
                x=means,
                y=list(rows),
                mode="lines+markers+text",
                text=[f"<b>{measure.short(step.mean, 1)}</b>{_added(step, metric)}" for step in way],
                textposition="top center",
                cliponaxis=False,
                line={"color": theme.ACCENT, "width": 2},
                marker={"size": 11, "symbol": "diamond"},
                hovertemplate="mean: %{x:.3g}<extra></extra>",
            ),
        ],
        xaxis=axis(f"{measure.label}{' (%)' if measure.share else ''}", range=[low - room, high + room]),
        yaxis=bare_axis(
            tickvals=list(rows), ticktext=[short(step.name, 26) for step in way], range=[len(way) - 0.5, -0.9]
        ),
    )


def _added(step: Step, metric: str) -> str:
    if step.added is None:
        return ""
    measure = METRICS[metric]
    return f" {measure.signed(step.added[0])}{'' if step.sure else ' (may be chance)'}"
