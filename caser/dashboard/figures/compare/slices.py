"""Where one of two models is ahead: the difference by slices of viewers and films."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import LEGEND_ABOVE, bare_axis, change_axis, empty, figure, scatter
from caser.dashboard.names import literal
from caser.dashboard.theme import Look
from caser.evaluation import METRICS
from caser.field.slices import GENRE, Slice
from caser.field.verdict import listed
from caser.words import W, spoken

MOST_NAMED = 3  # slices in the title
CHANCE = "may be chance"


def chart(slices: Sequence[Slice], metric: str, model: tuple[str, Look], other: tuple[str, Look]) -> go.Figure:
    """A row for each slice: the mean difference, right of zero where `model` is ahead, and its interval."""
    if not slices:
        return empty(f"Every slice has too few {W.viewers}")
    rows, labels = _rows(slices)
    measure, scale = METRICS[metric], METRICS[metric].scale
    open_look = Look(theme.NEUTRAL, "circle-open", "dot", "")
    sides = (
        (f"{model[0]} ahead", [part.sure and part.difference > 0 for part in slices], model[1]),
        (f"{other[0]} ahead", [part.sure and part.difference < 0 for part in slices], other[1]),
        (CHANCE, [not part.sure for part in slices], open_look),
    )
    traces = [
        _marks(name, [(part, row) for part, row, yes in zip(slices, rows, inside, strict=True) if yes], look, scale)
        for name, inside, look in sides
        if any(inside)
    ]
    return figure(
        title(slices, model[0], other[0]),
        120 + 21 * len(labels),
        traces,
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=change_axis(measure, "difference"),
        yaxis=bare_axis(tickvals=np.arange(len(labels)), ticktext=labels, range=[len(labels) - 0.4, -0.6]),
    )


def _rows(slices: Sequence[Slice]) -> tuple[list[int], list[str]]:
    """Which row each slice is in, and what stands beside every row: a heading before each group."""
    rows, labels, group = [], [], None
    for part in slices:
        if part.group != group:
            group = part.group
            labels.append(f"<b>{spoken(group)}</b>")
        rows.append(len(labels))
        labels.append(f"{literal(_label(part))} ({part.users:,})")
    return rows, labels


def _label(part: Slice) -> str:
    return part.label if part.group == GENRE else spoken(part.label)  # a genre is the data's own word


def _named(part: Slice, between: str) -> str:
    return f"{spoken(part.group)}{between}{_label(part)}"


def _marks(name: str, placed: Sequence[tuple[Slice, int]], look: Look, scale: int) -> dict:
    slices = [part for part, _ in placed]
    middle, low, high = (scale * np.array([getattr(part, k) for part in slices]) for k in ("difference", "low", "high"))
    return scatter(
        name=name,
        x=middle,
        y=[row for _, row in placed],
        error_x={"type": "data", "array": high - middle, "arrayminus": middle - low, "thickness": 1.5, "width": 3},
        mode="markers",
        marker={"size": 9, "color": look.hue, "symbol": look.symbol},
        customdata=[
            [f"{_named(part, ': ')}, {part.users:,} {W.viewers}", b, c]
            for part, b, c in zip(slices, low, high, strict=True)
        ],
        hovertemplate="%{customdata[0]}: %{x:+.3g} (95 % interval %{customdata[1]:+.3g} to %{customdata[2]:+.3g})"
        "<extra></extra>",
    )


def title(slices: Sequence[Slice], model: str, other: str) -> str:
    """In how many slices either is significantly ahead, and in which of them more than elsewhere."""
    ahead = sorted((part for part in slices if part.sure and part.difference > 0), key=lambda part: -part.difference)
    behind = sorted((part for part in slices if part.sure and part.difference < 0), key=lambda part: part.difference)
    if not ahead and not behind:
        return f"No slice shows a significant difference between {model} and {other}"
    parts = [_side(model, other, ahead, len(slices)), _side(other, model, behind, len(slices))]
    return "; ".join(part for part in parts if part)


def _side(name: str, other: str, slices: Sequence[Slice], total: int) -> str:
    if not slices:
        return ""
    if len(slices) <= MOST_NAMED and len(slices) < total:
        return f"{name} is ahead in {len(slices)} of {total} slices: {_in_a_row(slices)}"
    where = f"ahead of {other} in all {total}" if len(slices) == total else f"ahead in {len(slices)} of {total}"
    most = _in_a_row([part for part in slices if part.beyond][:MOST_NAMED])
    return f"{name} is {where} slices{', most in ' if most else ''}{most}"


def _in_a_row(slices: Sequence[Slice]) -> str:
    return listed([_named(part, " ") for part in slices])
