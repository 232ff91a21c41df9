"""Whether chances hold: what a model promises beside how often it came true."""

from __future__ import annotations

import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import axis, figure, percent, scatter
from caser.dashboard.theme import Look
from caser.training.calibration import LISTED, Reliability
from caser.words import W


def reliability(name: str, look: Look, held: Reliability) -> go.Figure:
    """The listed films by their chance: the share that was watched next, with 95 % intervals, beside the diagonal."""
    shown = [group for group in held.bins if group.chance > 0]
    ends = [0.8 * min(group.chance for group in shown), 1.2 * max(max(group.chance, group.high) for group in shown)]
    return figure(
        title(name, held),
        340,
        [
            scatter(name="as promised", x=ends, y=ends, mode="lines", hoverinfo="skip")
            | {"line": {"color": theme.NEUTRAL, "dash": "dot"}},
            scatter(
                name=name,
                x=[group.chance for group in shown],
                y=[group.hit for group in shown],
                error_y={
                    "type": "data",
                    "array": [group.high - group.hit for group in shown],
                    "arrayminus": [group.hit - group.low for group in shown],
                },
                mode="markers",
                marker={"size": 10, "color": look.hue, "symbol": look.symbol},
                customdata=[[group.films, group.low, group.high] for group in shown],
                hovertemplate=f"promised %{{x:.1%}}, {W.watched} next %{{y:.1%}} (95 % interval %{{customdata[1]:.1%}} "
                f"to %{{customdata[2]:.1%}}), %{{customdata[0]:,}} listed {W.films}<extra></extra>",
            ),
        ],
        xaxis=axis("chance promised", type="log", tickformat=".1~%"),
        yaxis=axis(f"share {W.watched} next", tickformat=".0%", rangemode="tozero"),
    )


def title(name: str, held: Reliability) -> str:
    """Whether the chances of a list of ten add up to how often it is right."""
    verdict = (
        "" if held.holds else "; that promises too much" if held.promised > held.high else "; that promises too little"
    )
    return (
        f"{name}'s lists of {LISTED} promise {percent(held.promised)} and hold the {W.film} {percent(held.hit)} of the "
        f"time{verdict}"
    )
