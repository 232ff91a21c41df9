"""Beyond accuracy: what the lists of a whole audience hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard.figures.plot import axis, bare_axis, empty, figure, scatter
from caser.dashboard.names import short
from caser.dashboard.theme import Look
from caser.field.lists import Lists
from caser.words import W


def coverage(by_model: Mapping[str, Lists], looks: Mapping[str, Look], k: int) -> go.Figure:
    """A row for each model: the share of the catalogue that its lists show to anybody, the widest on top."""
    if not by_model:
        return empty("No model is picked")
    rows = sorted(by_model.items(), key=lambda row: -row[1].coverage)
    most = rows[0][1].coverage
    return figure(
        coverage_title(rows, k),
        80 + 40 * len(rows),
        [
            scatter(
                name=name,
                x=[lists.coverage],
                y=[line],
                mode="markers+text",
                marker={"size": 11, "color": looks[name].hue, "symbol": looks[name].symbol},
                text=[f"<b>{lists.coverage:.0%}</b> · novelty {lists.novelty:.1f} bits"],
                textposition="top left" if lists.coverage > most / 2 else "top right",
                textfont={"size": 11},
                cliponaxis=False,
                hovertemplate=f"{name}: {lists.coverage:.1%} of the {W.films} are listed, {W.watched} by "
                f"{lists.popularity:,.0f} {W.viewers} each on average; novelty {lists.novelty:.2f} bits<extra></extra>",
            )
            for line, (name, lists) in enumerate(rows)
        ],
        xaxis=axis(f"{W.films} in at least one first {k}", tickformat=".0%", range=[0, 1.05 * most], nticks=6),
        yaxis=bare_axis(
            tickvals=np.arange(len(rows)),
            ticktext=[short(name, 20) for name, _ in rows],
            range=[len(rows) - 0.4, -0.75],
        ),
    )


def coverage_title(rows: Sequence[tuple[str, Lists]], k: int) -> str:
    """Who shows most of the catalogue, and whose lists hold the best-known films."""
    (first, widest), (last, least) = rows[0], rows[-1]
    if len(rows) == 1:
        return f"{first} lists {widest.coverage:.0%} of the {W.films} in at least one first {k}"
    known, _ = max(rows, key=lambda row: row[1].popularity)
    return (
        f"{first} shows {widest.coverage:.0%} of the {W.films} to at least one {W.viewer}, "
        f"{last} {least.coverage:.0%}; {known} lists the best-known {W.films}"
    )
