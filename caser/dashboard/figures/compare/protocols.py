"""One model under several protocols: how far a number moves while the model stays the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import axis, bare_axis, empty, figure, scatter
from caser.evaluation import METRICS
from caser.field.protocols import Reading


def chart(readings: Sequence[Reading], name: str, metric: str) -> go.Figure:
    """A row for each protocol; the page's own is filled and has a line through it."""
    if not readings:
        return empty("Nothing has been measured yet")
    measure, most = METRICS[metric], max(reading.high for reading in readings)
    middle, low, high = (np.array([getattr(reading, k) for reading in readings]) for k in ("mean", "low", "high"))
    line = {"color": theme.GRID, "width": 2, "dash": "dot"}
    return figure(
        title(readings, name, metric),
        80 + 48 * len(readings),
        [
            scatter(
                x=middle,
                y=np.arange(len(readings)),
                error_x={"type": "data", "array": high - middle, "arrayminus": middle - low, "width": 5},
                mode="markers+text",
                text=[f"<b>{measure.said(value)}</b>" for value in middle],
                textposition="top center",
                cliponaxis=False,
                marker={
                    "size": 11,
                    "color": theme.ACCENT,
                    "symbol": ["circle", *["diamond-open"] * (len(readings) - 1)],
                    "line": {"width": 2, "color": theme.ACCENT},
                },
                customdata=[
                    f"{reading.protocol}: {measure.said(reading.low)} to {measure.said(reading.high)}"
                    for reading in readings
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        ],
        shapes=[{"type": "line", "x0": middle[0], "x1": middle[0], "y0": 0, "y1": 1, "yref": "y domain", "line": line}],
        xaxis=axis(measure.label, range=[0, 1.1 * most], tickformat=".0%" if measure.share else ""),
        yaxis=bare_axis(
            tickvals=np.arange(len(readings)),
            ticktext=[reading.protocol.replace(", ", ",<br>") for reading in readings],
            range=[len(readings) - 0.5, -0.7],
        ),
    )


def title(readings: Sequence[Reading], name: str, metric: str) -> str:
    """How far the readings lie apart."""
    measure, least, most = METRICS[metric], min(readings, key=_mean), max(readings, key=_mean)
    if len(readings) == 1 or least.mean == most.mean:
        return f"{name}: {measure.label} {measure.said(readings[0].mean)} under every protocol measured"
    numbers = {2: "two", 3: "three", 4: "four"}.get(len(readings), str(len(readings)))
    return (
        f"The same {name}, {numbers} numbers: {measure.label} from {measure.said(least.mean)} ({least.protocol}) "
        f"to {measure.said(most.mean)} ({most.protocol})"
    )


def _mean(reading: Reading) -> float:
    return reading.mean
