"""Figures of all models under one protocol: for how many viewers each finds what is watched next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import bare_axis, empty, figure, scatter
from caser.dashboard.names import short
from caser.dashboard.theme import Look
from caser.evaluation import Metric
from caser.field.protocols import Reading
from caser.field.standings import Standing, Standings
from caser.words import W

ROW = 32  # pixels
PALE = 0.45  # of a bar, so that its interval is seen over it


def in_viewers(table: Standings, looks: Mapping[str, Look]) -> go.Figure:
    """One bar per model, the best on top: for how many of 100 viewers it finds the next film, with its 95 % interval.

    Args:
        table: of any metric; one that counts no viewers is drawn on its own scale. looks: by model.
    """
    rows, metric = table.rows, table.metric
    if not rows:
        return empty("No model is picked")
    names, hues = [short(row.name, 18) for row in rows], [looks[row.name].hue for row in rows]
    return bars(title(metric), rows, names, hues, metric, [_in_full(row, metric) for row in rows])


def bars(
    title: str,
    rows: Sequence[Standing] | Sequence[Reading],
    names: Sequence[str],
    hues: Sequence[str],
    metric: Metric,
    hover: Sequence[str],
) -> go.Figure:
    """A bar from 0 for each row, its 95 % interval over it and its number right of that; the first on top."""
    lines, most = list(range(len(rows))), max(row.high for row in rows)
    return figure(
        title,
        40 + (ROW + 16 * any("<br>" in name for name in names)) * len(rows),
        [
            _bars(rows, hues, hover),
            scatter(
                x=[row.high + 0.015 * most for row in rows],
                y=lines,
                mode="text",
                text=[_number(row, metric) for row in rows],
                textposition="middle right",
                textfont={"size": 13},
                cliponaxis=False,
                hoverinfo="skip",
            ),
        ],
        bargap=0.35,
        xaxis=bare_axis(range=[0, 1.28 * most], showticklabels=False),
        yaxis=bare_axis(tickvals=lines, ticktext=list(names), range=[len(rows) - 0.5, -0.5]),
    )


def title(metric: Metric) -> str:
    """What the length of a bar is."""
    if metric.hits:
        where = f"among the first {metric.cutoff}" if metric.cutoff > 1 else "the first of the list"
        return f"The {W.film} really {W.watched} next is {where} for so many of 100 {W.viewers}"
    if metric.share:
        return f"The {W.film} really {W.watched} next ranks above so many of 100 others, on average"
    return f"{metric.label} of every model, from 0"


def _bars(rows: Sequence[Standing] | Sequence[Reading], hues: Sequence[str], hover: Sequence[str]) -> dict:
    return {
        "type": "bar",
        "orientation": "h",
        "x": [row.mean for row in rows],
        "y": list(range(len(rows))),
        "marker": {"color": list(hues), "opacity": PALE},
        "error_x": {
            "type": "data",
            "array": [row.high - row.mean for row in rows],
            "arrayminus": [row.mean - row.low for row in rows],
            "color": theme.NEUTRAL,
            "thickness": 2,
            "width": 4,
        },
        "customdata": list(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _number(row: Standing | Reading, metric: Metric) -> str:
    half = (row.high - row.low) / 2
    return f"<b>{metric.short(row.mean)}</b> ± {metric.short(half, digits=int(half < 0.005))}"


def _in_full(row: Standing, metric: Metric) -> str:
    """A bar in words, for whoever points at it."""
    interval = f"95 % interval {metric.said(row.low)} to {metric.said(row.high)}"
    if not row.several:
        how = "one training" if row.learns else "counted, not trained"
    else:
        least, most = (metric.said(end(row.trainings)) for end in (min, max))
        how = f"mean of {len(row.trainings)} trainings, {least} to {most}"
    return f"{row.name}: {metric.label} {metric.said(row.mean)}, {interval}; {how}"
