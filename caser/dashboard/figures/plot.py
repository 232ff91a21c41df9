"""What the figures of the filters and of one score are drawn with; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.evaluation import Metric

PRINTED = 12  # columns up to which every number of a heatmap is printed
FONT = 12  # Plotly's own size
LEGEND_ABOVE = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
_BARE = {"data": {"scatter": [{"type": "scatter"}]}}  # the empty template as Plotly writes it
_MARGIN = {"l": 10, "r": 10, "t": 40, "b": 10}
TITLE = 22  # pixels at the top that the title takes, which `parts.chart` takes away with it


def figure(title: str, height: int, traces: Iterable[dict] = (), **layout) -> go.Figure:
    """A figure with our look and with room for its labels, made in one piece.

    Plotly takes several times as long to update a figure as to be given the same at once; and its own template
    would be copied with every figure, only for Streamlit to put its theme in its place. It is not asked to check
    every value either, which is three quarters of the time; the tests do that.

    Args:
        traces: each a dict with Plotly's name of its kind as "type".
        layout: parts of Plotly's layout; a `margin` is added to ours side by side.
    """
    traces = list(traces)
    look = {"title": {"text": title}, "height": height, "showlegend": False, "xaxis": {}, "yaxis": {}}
    look |= layout | {"template": _BARE, "margin": _MARGIN | layout.get("margin", {})}
    _leave_room(look, traces)
    return _made(traces, look)


def _made(traces: list[dict], look: dict) -> go.Figure:
    return go.Figure({"data": traces, "layout": look}, _validate=False)


def enlarged(figure: go.Figure, by: float = 1.25) -> go.Figure:
    """The same figure with larger type and room for it; returns it."""
    for trace in figure.data:
        size = getattr(getattr(trace, "textfont", None), "size", None)
        if "textfont" in trace:
            trace.textfont.size = [by * s for s in size] if isinstance(size, list | tuple) else by * (size or FONT)
    for note in figure.layout.annotations:
        note.font.size = by * (note.font.size or FONT)
    figure.layout.font.size = by * FONT
    figure.layout.height = round(by * figure.layout.height)
    return figure


def axis(title: str = "", **more) -> dict:
    """An axis with a grid."""
    return {"title": {"text": title}, "gridcolor": theme.GRID, "zeroline": False} | more


def change_axis(metric: Metric, what: str, **more) -> dict:
    """An axis of differences of a metric, with a line at zero."""
    line = {"zeroline": True, "zerolinecolor": theme.NEUTRAL, "zerolinewidth": 2}
    return axis(f"{what} in {metric.label}{metric.unit}", **line | more)


def bare_axis(title: str = "", **more) -> dict:
    """An axis without lines."""
    return {"title": {"text": title}, "showgrid": False, "zeroline": False} | more


def heatmap(values: np.ndarray, hover: str) -> dict:
    """A heatmap around zero."""
    most = float(np.abs(values[np.isfinite(values)]).max(initial=0)) or 1.0
    gap = {"xgap": 1, "ygap": 2} if values.shape[1] <= 4 * PRINTED else {}  # else one pixel is a cell
    return {
        "type": "heatmap",
        "z": values,
        "colorscale": theme.DIVERGING,
        "showscale": False,
        "hovertemplate": f"{hover}<extra></extra>",
        "hoverongaps": False,
        "zmid": 0,
        "zmin": -most,
        "zmax": most,
        **gap,
    }


def numbers(values: np.ndarray, size: int = 10, texts: np.ndarray | None = None) -> dict:
    """Numbers over a heatmap, as marks: they take the page's own text colour, which a heatmap's text cannot."""
    y, x = np.indices(values.shape).reshape(2, -1)
    text = [tiny(v) for v in values.ravel()] if texts is None else texts.ravel()
    return scatter(x=x, y=y, mode="text", text=text, textfont={"size": size}, hoverinfo="skip", showlegend=False)


def scatter(**options) -> dict:
    """A trace of marks, lines or texts."""
    return {"type": "scatter"} | options


def shares(sizes: Sequence[float], gap: float) -> list[list[float]]:
    """Where panels beside each other begin and end, as shares of the whole: by size, with a gap between them.

    >>> shares([1, 3], 0.2)
    [[0.0, 0.2], [0.4, 1.0]]
    """
    room = (1 - gap * (len(sizes) - 1)) / sum(sizes)
    starts = [gap * at + room * sum(sizes[:at]) for at in range(len(sizes))]
    return [[round(start, 6), round(start + room * size, 6)] for start, size in zip(starts, sizes, strict=True)]


def on(panel: str, *traces: dict) -> list[dict]:
    """Traces for one of several panels; "" is the first, as in Plotly's names of its axes, and "2" the next."""
    return [trace | {"xaxis": f"x{panel}", "yaxis": f"y{panel}"} for trace in traces]


def above(panel: str, text: str, **more) -> dict:
    """A line of text over the middle of a panel, which is called as in `on`."""
    place = {"x": 0.5, "y": 1, "xref": f"x{panel} domain", "yref": f"y{panel} domain", "yanchor": "bottom"}
    return {"text": text, "showarrow": False} | place | more


def tiny(value: float) -> str:
    """A signed number in four signs, to fit a small cell.

    >>> [tiny(v) for v in (0.031, -0.42, 1.26, 14.2, -0.001)]
    ['+.03', '-.42', '+1.3', '+14', '0']
    """
    if not np.isfinite(value):
        return ""
    if abs(value) < 0.005:
        return "0"
    if abs(value) >= 9.95:
        return f"{value:+.0f}"
    return f"{value:+.1f}" if abs(value) >= 0.995 else f"{value:+.2f}".replace("0.", ".", 1)


def row_axis(labels: Sequence[str], title: str = "") -> dict:
    """The rows of a heatmap by name, the first on top."""
    return bare_axis(title, tickvals=np.arange(len(labels)), ticktext=list(labels), range=[len(labels) - 0.5, -0.5])


def dimension_axis(d: int, title: str = "") -> dict:
    """The embedding's dimensions along x, counted from 1; few enough to read."""
    ticks = np.arange(0, d, max(1, round(d / 8)))
    return bare_axis(title, tickvals=ticks, ticktext=ticks + 1, range=[-0.5, d - 0.5])


def upright(x: float, hue: str, dash: str, width: float) -> dict:
    """A line from bottom to top."""
    line = {"color": hue, "width": width, "dash": dash}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def sign_hue(values: np.ndarray) -> list[str]:
    """The hue of each number's sign."""
    return [theme.POSITIVE if value >= 0 else theme.NEGATIVE for value in values]


def signed_bars(labels: Sequence[str], values: np.ndarray, hover: str, **options) -> dict:
    """Horizontal bars from zero with their numbers; the sign is written as well as coloured."""
    return {
        "type": "bar",
        "y": list(labels),
        "x": values,
        "orientation": "h",
        "marker": {"color": sign_hue(values)},
        "text": [f"<b>{value:+.2f}</b>" for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": f"{hover}<extra></extra>",
        **options,
    }


def bar_axes(values: np.ndarray, share: float = 0.22) -> dict[str, dict]:
    """Axes for `signed_bars`, for `figure`: room for the numbers, a `share` of the width; the first bar on top.

    The bars' own numbers stand for a scale, which would be a third of what the chart costs the browser.
    """
    low, high = min(0.0, float(np.min(values, initial=0))), max(0.0, float(np.max(values, initial=0)))
    room = share * ((high - low) or 1.0)
    ends = [low - room * (low < 0), high + room * (high > 0 or low == 0)]
    return {
        "xaxis": bare_axis(range=ends, showticklabels=False, zeroline=True, zerolinecolor="rgba(128,128,128,0.6)"),
        "yaxis": bare_axis(autorange="reversed"),
    }


def _leave_room(look: dict, traces: Sequence[dict]) -> None:
    """Make the margins as wide as the axes' labels need, in pixels of Streamlit's font.

    Plotly can find out by itself, by measuring every label and drawing everything a second time, which is
    half of what a chart costs the browser.
    """
    margin, pad = look["margin"], 20
    for name, part in list(look.items()):
        if not name.startswith(("xaxis", "yaxis")) or part.get("visible") is False:
            continue
        titled, labelled = 30 * bool(part.get("title", {}).get("text")), part.get("showticklabels") is not False
        texts = [str(text) for text in part.get("ticktext", ())]
        look[name] = part | {"automargin": False, "ticklabeloverflow": "allow"}
        if name.startswith("xaxis"):
            lines = max((text.count("<br>") + 1 for text in texts), default=1)
            labels = (pad + 6 + 16 * lines) * labelled
            side = "t" if part.get("side") == "top" else "b"
            above_all = TITLE * (side == "t")
            margin[side] = max(margin[side], labels + titled + above_all)
            margin["r"] = max(margin["r"], pad)
            look[name]["tickangle"] = 0
        else:
            texts = texts or [text for trace in traces for text in _names(trace.get("y"))] or ["1,000"]
            widest = max(text_width(line) for text in texts for line in text.split("<br>"))
            margin["l"] = max(margin["l"], pad + round(widest) * labelled + titled)
    if look["showlegend"] and look.get("legend", {}).get("yanchor") == "bottom":
        margin["t"] += 29


_NARROW, _WIDE = frozenset("ijlftrI.,:;'|!()[]-· "), frozenset("mwMW@%→…")


def text_width(text: str) -> float:
    """About how many pixels wide a tick label is, rather more than less."""
    return sum(3.9 if sign in _NARROW else 10 if sign in _WIDE else 7.4 if sign.isupper() else 6.3 for sign in text)


def _names(values) -> list[str]:
    """The categories along an axis; none if it is one of numbers."""
    return [] if values is None else [value for value in values if isinstance(value, str)]


HIDDEN = {"visible": False}  # an axis


def empty(title: str) -> go.Figure:
    """A figure that says why there is nothing to see."""
    said = {"text": "Nothing to show", "showarrow": False, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    return figure(title, 160, xaxis=HIDDEN, yaxis=HIDDEN, annotations=[said])


def percent(share: float) -> str:
    """A share as it is written; a dash for nan."""
    return "–" if np.isnan(share) else f"{share:.1%}"
