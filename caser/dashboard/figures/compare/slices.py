"""Where one of two models is ahead: the difference by slices of viewers and films."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import LEGEND_ABOVE, axis, bare_axis, empty, figure, scatter
from caser.dashboard.names import literal
from caser.dashboard.theme import Look
from caser.evaluation import METRICS
from caser.field.slices import GENRE, Slice
from caser.field.verdict import listed
from caser.words import W, spoken

MOST_NAMED = 3  # slices in the title
CHANCE = "may be chance"


def chart(found: Sequence[Slice], metric: str, own: tuple[str, Look], other: tuple[str, Look]) -> go.Figure:
    """A row for each slice: the mean difference, right of zero where the model `own` is ahead, and its interval."""
    if not found:
        return empty(f"No slice has enough {W.viewers} to tell anything")
    rows, labels = _rows(found)
    measure, scale = METRICS[metric], METRICS[metric].scale
    open_look = Look(theme.NEUTRAL, "circle-open", "dot", "")
    sides = (
        (f"{own[0]} ahead", [one.sure and one.difference > 0 for one in found], own[1]),
        (f"{other[0]} ahead", [one.sure and one.difference < 0 for one in found], other[1]),
        (CHANCE, [not one.sure for one in found], open_look),
    )
    traces = [
        _marks(name, [(one, row) for one, row, yes in zip(found, rows, inside, strict=True) if yes], look, scale)
        for name, inside, look in sides
        if any(inside)
    ]
    return figure(
        title(found, own[0], other[0]),
        120 + 21 * len(labels),
        traces,
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=axis(
            f"difference in {measure.label}{measure.unit}",
            zeroline=True,
            zerolinecolor=theme.NEUTRAL,
            zerolinewidth=2,
        ),
        yaxis=bare_axis(tickvals=np.arange(len(labels)), ticktext=labels, range=[len(labels) - 0.4, -0.6]),
    )


def _rows(found: Sequence[Slice]) -> tuple[list[int], list[str]]:
    """Which row each slice is in, and what stands beside every row: a heading before each group."""
    rows, labels, group = [], [], None
    for one in found:
        if one.group != group:
            group = one.group
            labels.append(f"<b>{spoken(group)}</b>")
        rows.append(len(labels))
        labels.append(f"{literal(_label(one))} ({one.users:,})")
    return rows, labels


def _label(one: Slice) -> str:
    return one.label if one.group == GENRE else spoken(one.label)  # a genre is the data's own word


def _named(one: Slice, between: str) -> str:
    return f"{spoken(one.group)}{between}{_label(one)}"


def _marks(name: str, placed: Sequence[tuple[Slice, int]], look: Look, scale: int) -> dict:
    found = [one for one, _ in placed]
    middle, low, high = (scale * np.array([getattr(one, k) for one in found]) for k in ("difference", "low", "high"))
    return scatter(
        name=name,
        x=middle,
        y=[row for _, row in placed],
        error_x={"type": "data", "array": high - middle, "arrayminus": middle - low, "thickness": 1.5, "width": 3},
        mode="markers",
        marker={"size": 9, "color": look.hue, "symbol": look.symbol},
        customdata=[
            [f"{_named(one, ': ')}, {one.users:,} {W.viewers}", b, c]
            for one, b, c in zip(found, low, high, strict=True)
        ],
        hovertemplate="%{customdata[0]}: %{x:+.3g} (95 % interval %{customdata[1]:+.3g} to %{customdata[2]:+.3g})"
        "<extra></extra>",
    )


def title(found: Sequence[Slice], own: str, other: str) -> str:
    """In how many slices either is significantly ahead, and in which of them more than elsewhere."""
    ahead = sorted((one for one in found if one.sure and one.difference > 0), key=lambda one: -one.difference)
    behind = sorted((one for one in found if one.sure and one.difference < 0), key=lambda one: one.difference)
    if not ahead and not behind:
        return f"No slice shows a significant difference between {own} and {other}"
    parts = [_side(own, other, ahead, len(found)), _side(other, own, behind, len(found))]
    return "; ".join(part for part in parts if part)


def _side(name: str, other: str, slices: Sequence[Slice], total: int) -> str:
    if not slices:
        return ""
    if len(slices) <= MOST_NAMED and len(slices) < total:
        return f"{name} is ahead in {len(slices)} of {total} slices: {_in_a_row(slices)}"
    where = f"ahead of {other} in all {total}" if len(slices) == total else f"ahead in {len(slices)} of {total}"
    most = _in_a_row([one for one in slices if one.beyond][:MOST_NAMED])
    return f"{name} is {where} slices{', most in ' if most else ''}{most}"


def _in_a_row(slices: Sequence[Slice]) -> str:
    return listed([_named(one, " ") for one in slices])
