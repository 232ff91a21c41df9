"""Figures: a result in, a plotly Figure out. Nothing is drawn, loaded or computed at length here.

Every title states what the data say. Hues and symbols come from `theme`; zero has the colour of
the page. Backgrounds are left to the page, so that a figure suits light and dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    axis,
    bare_axis,
    empty,
    figure,
    scatter,
    text_width,
)
from caser.dashboard.names import literal
from caser.dashboard.theme import Look
from caser.evaluation import METRICS, Ranks, of_100
from caser.field.verdict import listed
from caser.words import W

Summary = tuple[Mapping[str, float], Mapping[str, Sequence[float]]]  # means and intervals by metric


def metrics(
    summaries: Mapping[str, Summary], looks: Mapping[str, Look], shown: Sequence[str] = ("hr@50", "auc")
) -> go.Figure:
    """Means with 95 % intervals, one row for each metric and model; the first model is the subject of the title."""
    if not summaries:
        return empty("No model has been evaluated yet")
    rows = [f"{METRICS[m].label} · {name}" for m in shown for name in summaries]
    return figure(
        _metrics_title(summaries, shown),
        60 + 38 * len(rows),
        [_marks(name, looks[name], means, intervals, shown) for name, (means, intervals) in summaries.items()],
        xaxis=axis(range=[0, 1.08], tickformat=".0%"),
        yaxis=bare_axis(categoryorder="array", categoryarray=rows[::-1], range=[-0.6, len(rows) - 0.2]),
        margin={"l": 130},
    )


def _marks(name: str, look: Look, means: Mapping, intervals: Mapping, shown: Sequence[str]) -> dict:
    low, high = (np.array([intervals[m][side] for m in shown]) for side in (0, 1))
    middle = np.array([means[m] for m in shown])
    return scatter(
        name=name,
        x=middle,
        y=[f"{METRICS[m].label} · {name}" for m in shown],
        error_x={"type": "data", "array": high - middle, "arrayminus": middle - low, "thickness": 2, "width": 5},
        mode="markers+text",
        text=[f"<b>{METRICS[m].said(v)}</b>" for m, v in zip(shown, middle, strict=True)],
        textposition="top center",
        cliponaxis=False,
        marker={"size": 11, "color": look.hue, "symbol": look.symbol},
        customdata=np.stack([low, high], 1),
        hovertemplate="%{y}: %{x:.1%} (95 % interval %{customdata[0]:.1%} to %{customdata[1]:.1%})<extra></extra>",
    )


def _metrics_title(summaries: Mapping[str, Summary], shown: Sequence[str]) -> str:
    (name, (means, intervals)), *others = summaries.items()
    if not others:
        return f"{name}: {METRICS[shown[0]].label} {METRICS[shown[0]].said(means[shown[0]])}"
    above = {other: [m for m in shown if intervals[m][0] > bounds[m][1]] for other, (_, bounds) in others}
    if all(len(ahead) == len(shown) for ahead in above.values()):
        return f"{name} beats {listed(list(above))} on every measure, with intervals that do not touch"
    if not any(above.values()):
        return f"No measure sets {name} clearly above {'any of ' if len(above) > 1 else ''}{listed(list(above))}"
    return f"{name} is clearly {', '.join(_above(above, shown))}"


def _above(above: Mapping[str, Sequence[str]], shown: Sequence[str]) -> list[str]:
    """On which measures a model is above whom, those together that are alike; those above nobody last."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for other, ahead in above.items():
        alike.setdefault(tuple(ahead), []).append(other)
    parts = []
    for ahead, names in sorted(alike.items(), key=lambda pair: -len(pair[0])):
        on = "every measure" if len(ahead) == len(shown) else f"{listed([METRICS[m].label for m in ahead])} only"
        parts.append(f"above {listed(names)} on {on}" if ahead else f"not above {listed(names)} on any")
    return parts


def hit_curves(curves: Mapping[str, np.ndarray], looks: Mapping[str, Look]) -> go.Figure:
    """HR@k against k for k = 1, 2, ...; one line for each model, named at its end."""
    if not curves:
        return empty("No model has been evaluated yet")
    most = max(len(curve) for curve in curves.values())
    ends = _at_their_ends(curves, looks)
    widest = max(text_width(name) for name in curves)
    highest = max(max(label["y"] for label in ends), *(float(curve.max()) for curve in curves.values()))
    return figure(
        _curves_title(curves),
        380,
        [_curve(name, curve, looks[name]) for name, curve in curves.items()],
        annotations=ends,
        xaxis=axis(f"k: {W.films} listed", range=[0, most]),
        yaxis=axis(f"share of {W.viewers} whose next {W.film} is listed", tickformat=".0%", range=[0, 1.04 * highest]),
        margin={"r": round(20 + 1.1 * widest)},
    )


def _curve(name: str, curve: np.ndarray, look: Look) -> dict:
    return scatter(
        x=np.arange(1, len(curve) + 1),
        y=curve,
        name=name,
        line={"color": look.hue, "dash": look.dash, "width": 3},
        hovertemplate=f"{name}: HR@%{{x}} = %{{y:.1%}}<extra></extra>",
    )


def _at_their_ends(curves: Mapping[str, np.ndarray], looks: Mapping[str, Look]) -> list[dict]:
    """The models' names where their curves end, each clear of the one below it."""
    room, lowest, labels = 0.06 * max(curve[-1] for curve in curves.values()), -np.inf, []
    for name, curve in sorted(curves.items(), key=lambda pair: pair[1][-1]):
        lowest = max(float(curve[-1]), lowest + room)
        look = {"showarrow": False, "font": {"color": looks[name].hue}, "xanchor": "left", "xshift": 4}
        labels.append({"text": f"<b>{name}</b>", "x": len(curve), "y": lowest} | look)
    return labels


def _curves_title(curves: Mapping[str, np.ndarray]) -> str:
    (name, curve), *others = curves.items()
    if not others:
        return f"{name} lists the next {W.film} among {len(curve)} for {of_100(curve[-1])} {W.viewers}"
    rival, other = max(others, key=lambda pair: pair[1][-1])
    k = min(10, len(curve))
    if curve[k - 1] == other[k - 1]:
        return f"For a top {k} {name} and {rival} are equally good"
    needed = np.flatnonzero(other >= curve[k - 1])
    length = f"a top {needed[0] + 1}" if len(needed) else f"more than a top {len(other)}"
    return f"To match a top {k} of {name}, {rival} needs {length}"


def rank_scatter(
    a: Ranks,
    b: Ranks,
    name: str,
    rival: str,
    looks: Mapping[str, Look],
    user_ids: np.ndarray,
    user_names: Sequence[str] | None = None,
) -> go.Figure:
    """One mark for each viewer: the next film's rank by model a (up) and b (right), both from 1, log scale.

    Args:
        a, b: over the same users. user_ids: int64 (n_users,), shown on hover and as customdata.
        user_names: of all users, shown on hover instead.
    """
    if not len(a.users):
        return empty(f"No {W.viewer} to compare on")
    x, y, who = b.rank + 1, a.rank + 1, {"customdata": user_ids[a.users]}
    if user_names:
        who["hovertext"] = np.array([literal(user_names[user]) for user in a.users], object)
    sides = (
        (f"{name} higher", y < x, looks[name]),
        (f"{rival} higher", y > x, looks[rival]),
        ("equal", y == x, Look(theme.NEUTRAL, "square", "dot", "")),
    )
    most = float(max(x.max(), y.max(), 10))
    ends = [-0.08, np.log10(most) + 0.08]
    return figure(
        f"The median {W.viewer}'s next {W.film}: rank {np.median(y):,.0f} with {name}, "
        f"{np.median(x):,.0f} with {rival}",
        430,
        [
            *(
                _viewers(f"{label} ({int(chosen.sum()):,})", x, y, who, chosen, look)
                for label, chosen, look in sides
                if chosen.any()
            ),
            _diagonal(most),
        ],
        showlegend=True,
        legend=LEGEND_ABOVE | {"y": 1.02},
        xaxis=axis(f"rank with {rival} (1 is best)", type="log", dtick=1, range=ends),
        yaxis=axis(f"rank with {name} (1 is best)", type="log", dtick=1, range=ends[::-1]),
    )


def _diagonal(most: float) -> dict:
    """Where both ranks are the same."""
    line = {"color": theme.GRID, "width": 2}
    return scatter(x=[1, most], y=[1, most], mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _viewers(label: str, x: np.ndarray, y: np.ndarray, who: dict, chosen: np.ndarray, look: Look) -> dict:
    """A mark for each viewer chosen, named on hover by the last entry of `who`."""
    return scatter(
        x=x[chosen],
        y=y[chosen],
        name=label,
        mode="markers",
        marker={"color": look.hue, "symbol": look.symbol, "size": 6, "opacity": 0.65},
        hovertemplate=f"{W.viewer} %{{{list(who)[-1]}}}: rank %{{y:,.0f}} against %{{x:,.0f}}<extra></extra>",
        **{kind: values[chosen] for kind, values in who.items()},
    )
