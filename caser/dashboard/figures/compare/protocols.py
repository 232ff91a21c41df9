"""One model under several protocols: how far a number moves while the model stays the same."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.compare.field import bars
from caser.dashboard.figures.plot import empty
from caser.evaluation import METRICS
from caser.field.protocols import Reading


def chart(readings: Sequence[Reading], name: str, metric: str) -> go.Figure:
    """A bar for each protocol, the page's own first and in a hue of its own."""
    if not readings:
        return empty("Nothing has been measured yet")
    measure, hues = METRICS[metric], [theme.ACCENT, *[theme.NEUTRAL] * (len(readings) - 1)]
    hover = [f"{one.protocol}: {measure.said(one.low)} to {measure.said(one.high)}" for one in readings]
    names = [one.protocol.replace(", ", ",<br>") for one in readings]
    return bars(title(readings, name, metric), readings, names, hues, measure, hover)


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
