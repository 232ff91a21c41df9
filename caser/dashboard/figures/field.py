"""Figures of the whole line-up under one protocol: who leads by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import axis, bare_axis, empty, figure, percent, scatter
from caser.dashboard.names import short
from caser.dashboard.theme import Look
from caser.evaluation import METRIC_LABELS

SURE = 0.05  # p below which two models are told apart
SHARES = ("hr", "auc")  # how the names of metrics begin that are shares of something
ROW = 44  # pixels


@dataclass(frozen=True)
class Standing:
    """One model on one metric.

    Attributes:
        mean, low, high: over users, with its 95 % interval. seeds: means, one a seed; () if one was trained.
        counted: nothing is drawn at random in it, so that a second seed would give the same.
        behind: by how much the leader's mean is larger. p_value: of that, corrected for the models shown; 1 for the
            leader. p_next: of being ahead of the next one below, corrected alike, where it was asked.
    """

    name: str
    look: Look
    mean: float
    low: float
    high: float
    seeds: tuple[float, ...] = ()
    counted: bool = False
    behind: float = 0.0
    p_value: float = 1.0
    p_next: float = 0.0


def said(metric: str, value: float) -> str:
    """A metric's value as it is written.

    >>> said("hr@10", 0.2321), said("mrr", 0.1149)
    ('23.2%', '.115')
    """
    if np.isnan(value):
        return "–"
    return percent(value) if metric.startswith(SHARES) else f"{value:.3f}".replace("0.", ".", 1)


def apart(metric: str, difference: float) -> str:
    """A difference without its sign, as it is written.

    >>> apart("hr@10", -0.023), apart("mrr", 0.012)
    ('2.3 points', '.012')
    """
    if metric.startswith(SHARES):
        return f"{100 * abs(difference):.1f} points"
    return f"{abs(difference):.3f}".replace("0.", ".", 1)


def listed(names: Sequence[str]) -> str:
    """Names in a row.

    >>> listed(["MF"]), listed(["MF", "EASE", "Caser"])
    ('MF', 'MF, EASE and Caser')
    """
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def leaderboard(standings: Sequence[Standing], metric: str) -> go.Figure:
    """A row for each model, the best on top: a dot with its interval over users, and its seeds as ticks below it."""
    if not standings:
        return empty("No model is picked")
    rows = sorted(standings, key=lambda one: -one.mean)
    most = max(max(one.high, *one.seeds, one.mean) for one in rows)
    scale = ".0%" if metric.startswith(SHARES) else ".2f"
    return figure(
        leader_title(rows, metric),
        80 + ROW * len(rows),
        [_dot(at, one, metric, most) for at, one in enumerate(rows)] + [_ticks(rows, metric)],
        xaxis=axis(METRIC_LABELS[metric], range=[0, 1.05 * most], tickformat=scale, nticks=6),
        yaxis=bare_axis(
            tickvals=np.arange(len(rows)),
            ticktext=[short(one.name, 20) for one in rows],
            range=[len(rows) - 0.4, -0.75],
        ),
    )


def _dot(at: int, one: Standing, metric: str, most: float) -> dict:
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
        text=[f"<b>{said(metric, one.mean)}</b> {seeds_said(one, metric)}"],
        textposition="top left" if one.mean > most / 2 else "top right",
        textfont={"size": 11},
        cliponaxis=False,
        marker={"size": 11, "color": one.look.hue, "symbol": one.look.symbol},
        hovertemplate=f"{one.name}: {said(metric, one.mean)} (95 % interval {said(metric, one.low)} to "
        f"{said(metric, one.high)})<extra></extra>",
    )


def seeds_said(one: Standing, metric: str) -> str:
    """How much of a model's value is the seed's."""
    if len(one.seeds) < 2:
        return "· counted" if one.counted else "· one seed"
    spread = float(np.std(one.seeds, ddof=1))
    mean = said(metric, float(np.mean(one.seeds)))
    return f"· {len(one.seeds)} seeds {mean} ± {said(metric, spread).rstrip('%')}"


def _ticks(rows: Sequence[Standing], metric: str) -> dict:
    """The means of all seeds as small ticks under the dots."""
    points = [(value, at + 0.27, one) for at, one in enumerate(rows) if len(one.seeds) > 1 for value in one.seeds]
    return scatter(
        name="seeds",
        x=[value for value, _, _ in points],
        y=[y for _, y, _ in points],
        mode="markers",
        marker={
            "symbol": "line-ns-open",
            "size": 8,
            "color": [one.look.hue for *_, one in points],
            "line": {"width": 1},
        },
        customdata=[f"{one.name}, one seed: {said(metric, value)}" for value, _, one in points],
        hovertemplate="%{customdata}<extra></extra>",
    )


def leader_title(rows: Sequence[Standing], metric: str) -> str:
    """Who leads, who is second by how much, who is last; models that the test cannot tell apart are not set in order.

    Args:
        rows: the best first.
    """
    first, *others = rows
    label = METRIC_LABELS[metric]
    if not others:
        return f"{first.name}: {label} {said(metric, first.mean)}"
    level = [one for one in others if one.p_value >= SURE]
    below = [one for one in others if one.p_value < SURE]
    if level:
        whom = listed([one.name for one in level])
        parts = [f"{first.name} is first on {label}, but {whom} cannot be told from it"]
    else:
        parts = [f"{first.name} leads on {label}"]
    return "; ".join([*parts, *_follower(below, metric, "next" if level else "second"), *_last(below)])


def _follower(below: Sequence[Standing], metric: str, place: str) -> list[str]:
    """Who comes after the leader, in words."""
    if not below:
        return []
    follower, gap = below[0], apart(metric, below[0].behind)
    if len(below) > 1 and follower.p_next >= SURE:
        return [f"{follower.name} follows, {gap} behind, not to be told from {below[1].name}"]
    return [f"{follower.name} is {place}, {gap} behind"]


def _last(below: Sequence[Standing]) -> list[str]:
    """Who is last, in words; popularity knows nobody, so whoever is last but it is named, too."""
    if len(below) < 2 or below[-2].p_next >= SURE:
        return []
    *_, before, last = below
    if last.look == theme.look("popularity") and len(below) > 2 and below[-3].p_next < SURE:
        return [f"{before.name} is last but {last.name}"]
    return [f"{last.name} is last"]
