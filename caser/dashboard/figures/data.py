"""Figures of a data set: histories, popularity, genres and ties in time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    axis,
    bare_axis,
    empty,
    figure,
    percent,
    scatter,
)
from caser.dashboard.names import literal
from caser.words import W


def history_lengths(lengths: np.ndarray) -> go.Figure:
    """How many viewers have watched how many films; lengths int (n_users,)."""
    if not len(lengths):
        return empty(f"There are no {W.viewers}")
    middle = int(np.median(lengths))
    logarithmic = lengths.max() > 20 * max(lengths.min(), 1)
    edges = np.geomspace(lengths.min(), lengths.max() + 1, 31) if logarithmic else _whole_edges(lengths)
    counts, edges = np.histogram(lengths, edges)
    bars = {
        "type": "bar",
        "x": np.sqrt(edges[:-1] * edges[1:]) if logarithmic else (edges[:-1] + edges[1:] - 1) / 2,
        "y": counts,
        "width": np.diff(edges) * 0.92,
        "marker": {"color": theme.ACCENT},
        "customdata": np.stack([np.ceil(edges[:-1]), np.ceil(edges[1:]) - 1], 1),
        "hovertemplate": f"%{{customdata[0]:,.0f}} to %{{customdata[1]:,.0f}} {W.films}: %{{y:,}} "
        f"{W.viewers}<extra></extra>",
    }
    return figure(
        f"Half of the {W.viewers} {W.watched} {middle:,} {W.films} or fewer; the longest history has {lengths.max():,}",
        320,
        [bars],
        xaxis=_logarithmic(f"{W.films} {W.watched} (log scale)") if logarithmic else axis(f"{W.films} {W.watched}"),
        yaxis=axis(W.viewers),
    )


def _logarithmic(title: str) -> dict:
    ticks = [m * 10**e for e in range(6) for m in (1, 2, 5)]
    return axis(title, type="log", tickvals=ticks, ticktext=[f"{t:,}" for t in ticks])


def _whole_edges(lengths: np.ndarray) -> np.ndarray:
    step = max(1, round((lengths.max() - lengths.min() + 1) / 30))
    return np.arange(lengths.min(), lengths.max() + step + 1, step)


def popularity_curve(counts: np.ndarray) -> go.Figure:
    """The share of all views that the most watched films take; counts int (n_items,)."""
    if not counts.sum():
        return empty(f"Nothing was {W.watched}")
    share = np.concatenate([[0], np.cumsum(np.sort(counts)[::-1]) / counts.sum()])
    films = np.linspace(0, 1, len(share))
    tenth = float(np.interp(0.1, films, share))
    shown = np.unique(np.linspace(0, len(share) - 1, 200).astype(int))
    curve = scatter(
        x=films[shown],
        y=share[shown],
        line={"color": theme.ACCENT, "width": 3},
        hovertemplate=f"the top %{{x:.0%}} of {W.films}: %{{y:.0%}} of views<extra></extra>",
    )
    mark = scatter(
        x=[0.1],
        y=[tenth],
        mode="markers+text",
        text=[f"<b>{percent(tenth)}</b>"],
        textposition="bottom right",
        marker={"size": 11, "color": theme.MARK, "symbol": "diamond"},
        hoverinfo="skip",
    )
    return figure(
        f"The most {W.watched} tenth of the {W.films} takes {percent(tenth)} of all views",
        320,
        [curve, mark],
        xaxis=axis(f"{W.films}, most {W.watched} first", tickformat=".0%"),
        yaxis=axis("share of all views", tickformat=".0%", range=[0, 1.03]),
    )


def genres(films: pd.Series, views: pd.Series) -> go.Figure:
    """A genre's share of films and of views, each indexed by genre, in [0, 1]."""
    if not len(films):
        return empty(f"No {W.film} has a genre")
    order = views.sort_values().index
    gap = views - films
    kinds = (
        (f"share of {W.films}", films, theme.NEUTRAL, "square"),
        ("share of views", views, theme.ACCENT, "circle"),
    )
    return figure(
        f"{gap.idxmax()} gets more views than its share of {W.films} suggests, {gap.idxmin()} gets fewer",
        120 + 22 * len(films),
        [
            scatter(
                x=values[order],
                y=[literal(genre) for genre in order],
                name=label,
                mode="markers",
                marker={"size": 10, "color": hue, "symbol": symbol},
                hovertemplate=f"%{{y}}: %{{x:.1%}} {label.removeprefix('share ')}<extra></extra>",
            )
            for label, values, hue, symbol in kinds
        ],
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=axis(f"share ({W.a_film} can have several genres)", tickformat=".0%", rangemode="tozero"),
        yaxis=axis(showgrid=True),
    )


def ties(shares: Mapping[str, float]) -> go.Figure:
    """Shares in [0, 1] of what happens at the same time, one bar each; the first is the headline."""
    if not shares:
        return empty("No times are known")
    first, share = next(iter(shares.items()))
    title = (
        f"{first}: {percent(share)}"
        if share
        else f"No {W.films} are {W.watched} at the same time: every order is known"
    )
    values = list(shares.values())
    bars = {
        "type": "bar",
        "y": [_wrapped(label, 30) for label in shares],
        "x": values,
        "orientation": "h",
        "marker": {"color": theme.ACCENT},
        "text": [f"<b>{percent(v)}</b>" for v in values],
        "textposition": "outside",
        "hovertemplate": "%{y}: %{x:.1%}<extra></extra>",
    }
    return figure(
        title,
        90 + 46 * len(shares),
        [bars],
        xaxis=axis(range=[0, 1.12], tickformat=".0%"),
        yaxis=bare_axis(autorange="reversed"),
    )


def _wrapped(text: str, width: int) -> str:
    """`text` broken at spaces for a tick label."""
    parts, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            parts.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    parts.append(line)
    return "<br>".join(parts)
