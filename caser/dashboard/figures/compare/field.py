"""Figures of all models under one protocol: who leads by how much, and how sure that is."""

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
    most = max(max(row.high, *row.trainings, row.mean) for row in rows)
    return figure(
        verdict(table),
        80 + ROW * len(rows),
        [_dot(line, row, metric, looks[row.name], most) for line, row in enumerate(rows)]
        + [_ticks(rows, metric, looks)],
        xaxis=axis(metric.label, range=[0, 1.05 * most], tickformat=".0%" if metric.share else ".2f", nticks=6),
        yaxis=bare_axis(
            tickvals=np.arange(len(rows)),
            ticktext=[short(row.name, 20) for row in rows],
            range=[len(rows) - 0.4, -0.75],
        ),
    )


def _dot(line: int, row: Standing, metric: Metric, look: Look, most: float) -> dict:
    """A model's mean, its number above it on the side where there is room."""
    return scatter(
        name=row.name,
        x=[row.mean],
        y=[line],
        error_x={
            "type": "data",
            "array": [row.high - row.mean],
            "arrayminus": [row.mean - row.low],
            "thickness": 2,
            "width": 5,
        },
        mode="markers+text",
        text=[f"<b>{metric.said(row.mean)}</b> {trainings_said(row, metric)}"],
        textposition="top left" if row.mean > most / 2 else "top right",
        textfont={"size": 11},
        cliponaxis=False,
        marker={"size": 11, "color": look.hue, "symbol": look.symbol},
        hovertemplate=f"{row.name}: {metric.said(row.mean)} (95 % interval {metric.said(row.low)} to "
        f"{metric.said(row.high)})<extra></extra>",
    )


def trainings_said(row: Standing, metric: Metric) -> str:
    """How much of a model's value is the training's."""
    if len(row.trainings) < 2:
        return "· one training" if row.learns else "· counted"
    spread, mean = float(np.std(row.trainings, ddof=1)), float(np.mean(row.trainings))
    return f"· {len(row.trainings)} trainings {metric.said(mean)} ± {metric.signed(spread)[1:]}"


def _ticks(rows: Sequence[Standing], metric: Metric, looks: Mapping[str, Look]) -> dict:
    """The means of all trainings as small ticks under the dots."""
    points = [
        (value, line + 0.27, row) for line, row in enumerate(rows) if len(row.trainings) > 1 for value in row.trainings
    ]
    return scatter(
        name="trainings",
        x=[value for value, _, _ in points],
        y=[y for _, y, _ in points],
        mode="markers",
        marker={
            "symbol": "line-ns-open",
            "size": 8,
            "color": [looks[row.name].hue for *_, row in points],
            "line": {"width": 1},
        },
        customdata=[f"{row.name}, one training: {metric.said(value)}" for value, _, row in points],
        hovertemplate="%{customdata}<extra></extra>",
    )
