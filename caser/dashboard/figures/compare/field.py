"""Figures of the whole line-up under one protocol: who leads by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard.figures.plot import axis, bare_axis, empty, figure, scatter
from caser.dashboard.names import short
from caser.dashboard.theme import Look
from caser.evaluation import Metric
from caser.field.standings import Standing, Standings
from caser.field.verdict import verdict

ROW = 44  # pixels


def leaderboard(table: Standings, looks: Mapping[str, Look]) -> go.Figure:
    """A row for each model, the best on top: a dot with its interval over users, its trainings as ticks below it."""
    rows, metric = table.rows, table.metric
    if not rows:
        return empty("No model is picked")
    most = max(max(one.high, *one.trainings, one.mean) for one in rows)
    return figure(
        verdict(table),
        80 + ROW * len(rows),
        [_dot(at, one, metric, looks[one.name], most) for at, one in enumerate(rows)] + [_ticks(rows, metric, looks)],
        xaxis=axis(metric.label, range=[0, 1.05 * most], tickformat=".0%" if metric.share else ".2f", nticks=6),
        yaxis=bare_axis(
            tickvals=np.arange(len(rows)),
            ticktext=[short(one.name, 20) for one in rows],
            range=[len(rows) - 0.4, -0.75],
        ),
    )


def _dot(at: int, one: Standing, metric: Metric, look: Look, most: float) -> dict:
    """A model's mean, its number above it on the side where there is room."""
    return scatter(
        name=one.name,
        x=[one.mean],
        y=[at],
        error_x={
            "type": "data",
            "array": [one.high - one.mean],
            "arrayminus": [one.mean - one.low],
            "thickness": 2,
            "width": 5,
        },
        mode="markers+text",
        text=[f"<b>{metric.said(one.mean)}</b> {trainings_said(one, metric)}"],
        textposition="top left" if one.mean > most / 2 else "top right",
        textfont={"size": 11},
        cliponaxis=False,
        marker={"size": 11, "color": look.hue, "symbol": look.symbol},
        hovertemplate=f"{one.name}: {metric.said(one.mean)} (95 % interval {metric.said(one.low)} to "
        f"{metric.said(one.high)})<extra></extra>",
    )


def trainings_said(one: Standing, metric: Metric) -> str:
    """How much of a model's value is the training's."""
    if len(one.trainings) < 2:
        return "· one training" if one.learns else "· counted"
    spread, mean = float(np.std(one.trainings, ddof=1)), float(np.mean(one.trainings))
    return f"· {len(one.trainings)} trainings {metric.said(mean)} ± {metric.signed(spread)[1:]}"


def _ticks(rows: Sequence[Standing], metric: Metric, looks: Mapping[str, Look]) -> dict:
    """The means of all trainings as small ticks under the dots."""
    points = [
        (value, at + 0.27, one) for at, one in enumerate(rows) if len(one.trainings) > 1 for value in one.trainings
    ]
    return scatter(
        name="trainings",
        x=[value for value, _, _ in points],
        y=[y for _, y, _ in points],
        mode="markers",
        marker={
            "symbol": "line-ns-open",
            "size": 8,
            "color": [looks[one.name].hue for *_, one in points],
            "line": {"width": 1},
        },
        customdata=[f"{one.name}, one training: {metric.said(value)}" for value, _, one in points],
        hovertemplate="%{customdata}<extra></extra>",
    )
