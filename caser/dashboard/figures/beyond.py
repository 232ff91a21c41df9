"""Beyond accuracy: what the lists of a whole audience hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from caser.dashboard.figures.plot import axis, bare_axis, empty, figure, scatter
from caser.dashboard.names import short
from caser.dashboard.theme import Look
from caser.dashboard.words import W


@dataclass(frozen=True)
class Lists:
    """What the lists of one model hold.

    Attributes:
        coverage: share of the catalogue that is listed for anybody. popularity: mean number of viewers of what is
            listed. novelty: mean of -log2 of the share of viewers who watched it, in bits.
    """

    name: str
    look: Look
    coverage: float
    popularity: float
    novelty: float


def coverage(found: Sequence[Lists], k: int) -> go.Figure:
    """A row for each model: the share of the catalogue that its lists show to anybody, the widest on top."""
    if not found:
        return empty("No model is picked")
    rows = sorted(found, key=lambda one: -one.coverage)
    most = max(one.coverage for one in rows)
    return figure(
        coverage_title(rows, k),
        80 + 40 * len(rows),
        [
            scatter(
                name=one.name,
                x=[one.coverage],
                y=[at],
                mode="markers+text",
                marker={"size": 11, "color": one.look.hue, "symbol": one.look.symbol},
                text=[f"<b>{one.coverage:.0%}</b> · novelty {one.novelty:.1f} bits"],
                textposition="top left" if one.coverage > most / 2 else "top right",
                textfont={"size": 11},
                cliponaxis=False,
                hovertemplate=f"{one.name}: {one.coverage:.1%} of the {W.films} are listed, {W.watched} by "
                f"{one.popularity:,.0f} {W.viewers} each on average; novelty {one.novelty:.2f} bits<extra></extra>",
            )
            for at, one in enumerate(rows)
        ],
        xaxis=axis(f"{W.films} that stand in anybody's first {k}", tickformat=".0%", range=[0, 1.05 * most], nticks=6),
        yaxis=bare_axis(
            tickvals=np.arange(len(rows)),
            ticktext=[short(one.name, 20) for one in rows],
            range=[len(rows) - 0.4, -0.75],
        ),
    )


def coverage_title(rows: Sequence[Lists], k: int) -> str:
    """Who shows most of the catalogue, and whose lists hold the best-known films."""
    first, known = rows[0], max(rows, key=lambda one: one.popularity)
    if len(rows) == 1:
        return f"{first.name} lists {first.coverage:.0%} of the {W.films} in somebody's first {k}"
    least = rows[-1]
    found = f"{first.name} shows {first.coverage:.0%} of the {W.films} to somebody, {least.name} {least.coverage:.0%}"
    return f"{found}; {known.name} lists the best-known {W.films}"
