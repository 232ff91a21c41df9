"""One model under several protocols: how far a number moves while the model stays the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import axis, bare_axis, empty, figure, scatter
from caser.evaluation import METRICS
from caser.field.protocols import Reading


def chart(found: Sequence[Reading], name: str, metric: str) -> go.Figure:
    """A row for each protocol; the page's own is filled and has a line through it."""
    if not found:
        return empty("Nothing has been measured yet")
    measure, most = METRICS[metric], max(one.high for one in found)
    middle, low, high = (np.array([getattr(one, k) for one in found]) for k in ("mean", "low", "high"))
    line = {"color": theme.GRID, "width": 2, "dash": "dot"}
    return figure(
        title(found, name, metric),
        80 + 48 * len(found),
        [
            scatter(
                x=middle,
                y=np.arange(len(found)),
                error_x={"type": "data", "array": high - middle, "arrayminus": middle - low, "width": 5},
                mode="markers+text",
                text=[f"<b>{measure.said(value)}</b>" for value in middle],
                textposition="top center",
                cliponaxis=False,
                marker={
                    "size": 11,
                    "color": theme.ACCENT,
                    "symbol": ["circle", *["diamond-open"] * (len(found) - 1)],
                    "line": {"width": 2, "color": theme.ACCENT},
                },
                customdata=[f"{one.protocol}: {measure.said(one.low)} to {measure.said(one.high)}" for one in found],
                hovertemplate="%{customdata}<extra></extra>",
            )
        ],
        shapes=[{"type": "line", "x0": middle[0], "x1": middle[0], "y0": 0, "y1": 1, "yref": "y domain", "line": line}],
        xaxis=axis(measure.label, range=[0, 1.1 * most], tickformat=".0%" if measure.share else ""),
        yaxis=bare_axis(
            tickvals=np.arange(len(found)),
            ticktext=[one.protocol.replace(", ", ",<br>") for one in found],
            range=[len(found) - 0.5, -0.7],
        ),
    )


def title(found: Sequence[Reading], name: str, metric: str) -> str:
    """How far the readings lie apart."""
    measure, least, most = METRICS[metric], min(found, key=_mean), max(found, key=_mean)
    if len(found) == 1 or least.mean == most.mean:
        return f"{name}: {measure.label} {measure.said(found[0].mean)} under every protocol measured"
    numbers = {2: "two", 3: "three", 4: "four"}.get(len(found), str(len(found)))
    return (
        f"The same {name}, {numbers} numbers: {measure.label} from {measure.said(least.mean)} ({least.protocol}) "
        f"to {measure.said(most.mean)} ({most.protocol})"
    )


def _mean(one: Reading) -> float:
    return one.mean
