"""What the figures of the filters and of one score are drawn with; no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme

NO_FILM = "no film"
PRINTED = 12  # columns up to which every number of a heatmap is printed
_MARGIN = {"l": 10, "r": 10, "t": 40, "b": 10}


def canvas(title: str, height: int) -> go.Figure:
    """An empty figure with our margins."""
    return go.Figure(layout=layout(title, height))


def layout(title: str, height: int) -> dict:
    """What every figure's layout starts from.

    Plotly's own template would be copied with every figure, at ten times the cost of what it holds, only
    for Streamlit to put its theme in its place.
    """
    return {"title": {"text": title}, "height": height, "margin": _MARGIN, "showlegend": False, "template": {}}


def heatmap(values: np.ndarray, hover: str, scale: list = theme.DIVERGING, most: float | None = None, **options):
    """A heatmap around zero, or up from zero for `theme.ACTIVATION`; `most` is the end of its scale."""
    finite = values[np.isfinite(values)]
    most = most or float(np.abs(finite).max(initial=0)) or 1.0
    ends = {"zmin": 0, "zmax": most} if scale is theme.ACTIVATION else {"zmid": 0, "zmin": -most, "zmax": most}
    gap = {"xgap": 1, "ygap": 2} if values.shape[1] <= 4 * PRINTED else {}  # without gaps a pixel a cell is enough
    return go.Heatmap(
        z=values,
        colorscale=scale,
        showscale=False,
        hovertemplate=f"{hover}<extra></extra>",
        hoverongaps=False,
        **ends,
        **gap,
        **options,
    )


def numbers(values: np.ndarray, size: int = 10, texts: np.ndarray | None = None) -> go.Scatter:
    """Numbers over a heatmap, as marks: they take the page's own text colour, which a heatmap's text cannot."""
    y, x = np.indices(values.shape).reshape(2, -1)
    text = [tiny(v) for v in values.ravel()] if texts is None else texts.ravel()
    return go.Scatter(x=x, y=y, mode="text", text=text, textfont={"size": size}, hoverinfo="skip", showlegend=False)


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


def short(text: str, most: int = 24) -> str:
    """`text` cut to fit beside a chart.

    >>> short("The Bridge on the River Kwai (1957)", 16)
    'The Bridge on t…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def positions(films: Sequence[str]) -> list[str]:
    """A label a position: its number as on the page, and the film."""
    return [f"{place} · {short(film, 18)}" for place, film in enumerate(films, 1)]


def span(first: int, height: int) -> str:
    """The films under a window, by number.

    >>> span(0, 1), span(1, 3)
    ('film 1', 'films 2–4')
    """
    return f"film {first + 1}" if height == 1 else f"films {first + 1}–{first + height}"


def filter_name(height: int, index: int) -> str:
    """How a horizontal filter is called on every page."""
    return f"{height}.{index}"


def row_axis(figure: go.Figure, labels: Sequence[str], **place) -> None:
    """Name the rows of a heatmap, the first on top."""
    figure.update_yaxes(
        tickvals=np.arange(len(labels)),
        ticktext=list(labels),
        range=[len(labels) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        **place,
    )


def dimension_axis(figure: go.Figure, d: int, title: str = "", **place) -> None:
    """The embedding's dimensions along x, counted from 1; few enough to read."""
    step = max(1, round(d / 8))
    ticks = np.arange(0, d, step)
    figure.update_xaxes(
        tickvals=ticks, ticktext=ticks + 1, title=title, showgrid=False, zeroline=False, range=[-0.5, d - 0.5], **place
    )


def frame(figure: go.Figure, x: tuple[float, float], y: tuple[float, float], **place) -> None:
    """Outline a block of cells, x and y being the first and last cell's centre."""
    figure.add_shape(
        type="rect",
        x0=x[0] - 0.5,
        x1=x[1] + 0.5,
        y0=y[0] - 0.5,
        y1=y[1] + 0.5,
        line={"color": theme.TRUTH, "width": 3},
        **place,
    )


def sign_hue(values: np.ndarray) -> list[str]:
    """The hue of each number's sign."""
    return [theme.POSITIVE if value >= 0 else theme.NEGATIVE for value in values]


def signed_bars(labels: Sequence[str], values: np.ndarray, hover: str, **options) -> go.Bar:
    """Horizontal bars from zero with their numbers; the sign is written as well as coloured."""
    return go.Bar(
        y=list(labels),
        x=values,
        orientation="h",
        marker_color=sign_hue(values),
        text=[f"<b>{value:+.2f}</b>" for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate=f"{hover}<extra></extra>",
        **options,
    )


def bar_axes(figure: go.Figure, values: np.ndarray, title: str = "", share: float = 0.22) -> None:
    """Axes for `signed_bars`: room for the numbers, a `share` of the width; the first bar on top."""
    low, high = min(0.0, float(np.min(values, initial=0))), max(0.0, float(np.max(values, initial=0)))
    room = share * ((high - low) or 1.0)
    span_ = [low - room * (low < 0), high + room * (high > 0 or low == 0)]
    figure.update_xaxes(
        range=span_, title=title, gridcolor=theme.GRID, zeroline=True, zerolinecolor="rgba(128,128,128,0.6)"
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, zeroline=False)


def leave_room(figure: go.Figure) -> None:
    """Make the margins as wide as the axes' labels need, in pixels of Streamlit's font.

    Plotly can find out by itself, by measuring every label and drawing everything a second time, which is
    half of what a chart costs the browser.
    """
    margin, pad = figure.layout.margin, 20
    for axis in figure.select_xaxes(lambda axis: axis.visible is not False):
        lines = max((text.count("<br>") + 1 for text in _tick_texts(axis)), default=1)
        side = "t" if axis.side == "top" else "b"
        margin[side] = max(margin[side], pad + 6 + 16 * lines + 30 * bool(axis.title.text))
        margin.r = max(margin.r, pad)
        axis.automargin, axis.ticklabeloverflow, axis.tickangle = False, "allow", 0  # update() is slow
    for axis in figure.select_yaxes(lambda axis: axis.visible is not False):
        texts = _tick_texts(axis) or [text for trace in figure.data for text in _names(trace.y)] or ["1,000"]
        widest = max(text_width(line) for text in texts for line in text.split("<br>"))
        labels = 0 if axis.showticklabels is False else round(widest)
        margin.l = max(margin.l, pad + labels + 30 * bool(axis.title.text))
        axis.automargin, axis.ticklabeloverflow = False, "allow"
    if figure.layout.showlegend and figure.layout.legend.yanchor == "bottom":
        margin.t += 29


_NARROW, _WIDE = frozenset("ijlftrI.,:;'|!()[]-· "), frozenset("mwMW@%→…")


def text_width(text: str) -> float:
    """About how many pixels wide a tick label is, rather more than less."""
    return sum(3.9 if sign in _NARROW else 10 if sign in _WIDE else 7.4 if sign.isupper() else 6.3 for sign in text)


def _tick_texts(axis) -> list[str]:
    return [] if axis.ticktext is None else [str(text) for text in axis.ticktext]


def _names(values) -> list[str]:
    """The categories along an axis; none if it is one of numbers."""
    return [] if values is None else [value for value in values if isinstance(value, str)]
