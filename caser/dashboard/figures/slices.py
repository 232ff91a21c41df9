"""Where one of two models is ahead: the difference by slices of viewers and films."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.field import SHARES, listed
from caser.dashboard.figures.plot import LEGEND_ABOVE, axis, bare_axis, empty, figure, scatter
from caser.dashboard.names import literal
from caser.dashboard.theme import Look
from caser.dashboard.words import W, spoken
from caser.evaluation import METRIC_LABELS
from caser.explain.slices import GENRE, Slice

MOST_NAMED = 3  # slices in the title
CHANCE = "may be chance"


def chart(found: Sequence[Slice], metric: str, own: tuple[str, Look], other: tuple[str, Look]) -> go.Figure:
    """A row for each slice: the mean difference, right of zero where the model `own` is ahead, and its interval."""
    if not found:
        return empty(f"No slice has enough {W.viewers} to tell anything")
    rows, labels = _rows(found)
    scale = 100 if metric.startswith(SHARES) else 1
    open_look = Look(theme.NEUTRAL, "circle-open", "dot", "")
    sides = (
        (f"{own[0]} ahead", [one.low > 0 for one in found], own[1]),
        (f"{other[0]} ahead", [one.high < 0 for one in found], other[1]),
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
            f"difference in {METRIC_LABELS[metric]}{', points' if scale > 1 else ''}",
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
    """In how many slices either is ahead for certain, and in which most."""
    ahead = sorted((one for one in found if one.low > 0), key=lambda one: -one.difference)
    behind = sorted((one for one in found if one.high < 0), key=lambda one: one.difference)
    if not ahead and not behind:
        return f"In none of {len(found)} slices is {own} apart from {other} by more than chance"
    parts = [_side(own, other, ahead, len(found)), _side(other, own, behind, len(found))]
    return "; ".join(part for part in parts if part)


def _side(name: str, other: str, slices: Sequence[Slice], total: int) -> str:
    if not slices:
        return ""
    where = listed([_named(one, " ") for one in slices[:MOST_NAMED]])
    if len(slices) == total:
        return f"{name} is ahead of {other} in all {total} slices, most in {where}"
    most = ", most in" if len(slices) > MOST_NAMED else ":"
    return f"{name} is ahead in {len(slices)} of {total} slices{most} {where}"
