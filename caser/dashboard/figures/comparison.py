"""Figures: a result in, a plotly Figure out. Nothing is drawn, loaded or computed at length here.

Every title states what the data say. Hues and symbols come from `theme`; zero has the colour of
the page. Backgrounds are left to the page, so that a figure suits light and dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import LEGEND_ABOVE, axis, bare_axis, figure, heatmap, numbers, scatter
from caser.evaluation import METRIC_LABELS, Comparison, Ranks
from caser.explain.filters import Trace

Summary = tuple[Mapping[str, float], Mapping[str, Sequence[float]]]  # means and intervals by metric
_HIDDEN = {"visible": False}  # an axis


def empty(title: str) -> go.Figure:
    """A figure that says why there is nothing to see."""
    said = {"text": "Nothing to show", "showarrow": False, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    return figure(title, 160, xaxis=_HIDDEN, yaxis=_HIDDEN, annotations=[said])


def metrics(summaries: Mapping[str, Summary], shown: Sequence[str] = ("hr@50", "auc")) -> go.Figure:
    """Means with 95 % intervals, a row a metric, a mark a model; the first model is the one talked about."""
    if not summaries:
        return empty("No model has been evaluated yet")
    rows = [f"{METRIC_LABELS[m]} · {name}" for m in shown for name in summaries]
    return figure(
        _metrics_title(summaries, shown),
        60 + 38 * len(rows),
        [_marks(name, means, intervals, shown) for name, (means, intervals) in summaries.items()],
        xaxis=axis(range=[0, 1.08], tickformat=".0%"),
        yaxis=bare_axis(categoryorder="array", categoryarray=rows[::-1], range=[-0.6, len(rows) - 0.2]),
        margin={"l": 130},
    )


def _marks(name: str, means: Mapping, intervals: Mapping, shown: Sequence[str]) -> dict:
    look = theme.look(name)
    low, high = (np.array([intervals[m][side] for m in shown]) for side in (0, 1))
    middle = np.array([means[m] for m in shown])
    return scatter(
        name=name,
        x=middle,
        y=[f"{METRIC_LABELS[m]} · {name}" for m in shown],
        error_x={"type": "data", "array": high - middle, "arrayminus": middle - low, "thickness": 2, "width": 5},
        mode="markers+text",
        text=[f"<b>{_percent(v)}</b>" for v in middle],
        textposition="top center",
        cliponaxis=False,
        marker={"size": 11, "color": look["hue"], "symbol": look["symbol"]},
        customdata=np.stack([low, high], 1),
        hovertemplate="%{y}: %{x:.1%} (95 % interval %{customdata[0]:.1%} to %{customdata[1]:.1%})<extra></extra>",
    )


def _metrics_title(summaries: Mapping[str, Summary], shown: Sequence[str]) -> str:
    (name, (means, intervals)), *others = summaries.items()
    if not others:
        return f"{name}: {METRIC_LABELS[shown[0]]} {_percent(means[shown[0]])}"
    ahead = [m for m in shown if all(intervals[m][0] > other[1][m][1] for _, other in others)]
    whom = " and ".join(other for other, _ in others)
    if len(ahead) == len(shown):
        return f"{name} beats {whom} on every measure, with intervals that do not touch"
    if ahead:
        listed = ", ".join(METRIC_LABELS[m] for m in ahead)
        return f"{name} is clearly ahead of {whom} on {listed}; elsewhere the intervals touch"
    return f"No measure sets {name} clearly above {whom}"


def hit_curves(curves: Mapping[str, np.ndarray]) -> go.Figure:
    """HR@k against k for k = 1, 2, ...; a line a model, named at its end."""
    if not curves:
        return empty("No model has been evaluated yet")
    most = max(len(curve) for curve in curves.values())
    return figure(
        _curves_title(curves),
        380,
        [_curve(name, curve) for name, curve in curves.items()],
        annotations=_at_their_ends(curves),
        xaxis=axis("k: films listed", range=[0, most]),
        yaxis=axis("share of viewers whose next film is listed", tickformat=".0%", rangemode="tozero"),
        margin={"r": 90},
    )


def _curve(name: str, curve: np.ndarray) -> dict:
    look = theme.look(name)
    return scatter(
        x=np.arange(1, len(curve) + 1),
        y=curve,
        name=name,
        line={"color": look["hue"], "dash": look["dash"], "width": 3},
        hovertemplate=f"{name}: HR@%{{x}} = %{{y:.1%}}<extra></extra>",
    )


def _at_their_ends(curves: Mapping[str, np.ndarray]) -> list[dict]:
    """The models' names where their curves end, each clear of the one below it."""
    room, lowest, labels = 0.06 * max(curve[-1] for curve in curves.values()), -np.inf, []
    for name, curve in sorted(curves.items(), key=lambda pair: pair[1][-1]):
        lowest = max(float(curve[-1]), lowest + room)
        look = {"showarrow": False, "font": {"color": theme.look(name)["hue"]}, "xanchor": "left", "xshift": 4}
        labels.append({"text": f"<b>{name}</b>", "x": len(curve), "y": lowest} | look)
    return labels


def _curves_title(curves: Mapping[str, np.ndarray]) -> str:
    (name, curve), *others = curves.items()
    if not others:
        return f"{name} lists the next film among {len(curve)} for {_percent(curve[-1])} of viewers"
    rival, other = max(others, key=lambda pair: pair[1][-1])
    k = min(10, len(curve))
    needed = np.flatnonzero(other >= curve[k - 1])
    films = str(needed[0] + 1) if len(needed) else f"more than {len(other)}"
    return f"What {name} finds by listing {k} film{'s' * (k != 1)}, {rival} finds by listing {films}"


def wins(comparison: Comparison, name: str, rival: str) -> go.Figure:
    """For how many viewers each of two models ranks the next film higher."""
    total = comparison.wins + comparison.ties + comparison.losses
    if not total:
        return empty("No viewer to compare on")
    share = comparison.wins / total
    verdict = "more often than not" if comparison.wins > comparison.losses else "less often than not"
    parts = [
        (f"{name} higher", comparison.wins, theme.look(name)["hue"], ""),
        ("equal", comparison.ties, theme.POPULARITY, "."),
        (f"{rival} higher", comparison.losses, theme.look(rival)["hue"], "/"),
    ]
    return figure(
        f"{name} ranks the next film above {rival} {verdict}: for {_percent(share)} of viewers",
        150,
        [_bar_part(label, count, total, hue, pattern) for label, count, hue, pattern in parts],
        barmode="stack",
        bargap=0,
        showlegend=True,
        legend={"orientation": "h", "y": -0.1, "traceorder": "normal"},
        xaxis=_HIDDEN | {"range": [0, total]},
        yaxis=_HIDDEN,
    )


def _bar_part(label: str, count: int, total: int, hue: str, pattern: str) -> dict:
    stripes = {"shape": pattern, "fillmode": "overlay", "solidity": 0.12, "fgcolor": "white"}
    return {
        "type": "bar",
        "y": [""],
        "x": [count],
        "name": label,
        "orientation": "h",
        "marker": {"color": hue, "pattern": stripes},
        "text": [f"<b>{count:,}</b>" if count / total > 0.04 else ""],
        "textfont": {"color": "white", "size": 16},
        "textposition": "inside",
        "insidetextanchor": "middle",
        "hovertemplate": f"{label}: %{{x:,}} viewers<extra></extra>",
    }


def rank_scatter(a: Ranks, b: Ranks, name: str, rival: str, user_ids: np.ndarray) -> go.Figure:
    """A mark a viewer: the next film's rank by model a (up) and b (right), both from 1, log scale.

    Args:
        a, b: over the same users. user_ids: int64 (n_users,), shown on hover and as customdata.
    """
    if not len(a.users):
        return empty("No viewer to compare on")
    x, y, ids = b.rank + 1, a.rank + 1, user_ids[a.users]
    sides = (f"{name} higher", y < x, name), (f"{rival} higher", y > x, rival), ("equal", y == x, "Popularity")
    most = float(max(x.max(), y.max(), 10))
    ends = [-0.08, np.log10(most) + 0.08]
    return figure(
        f"The median viewer's next film: rank {np.median(y):,.0f} with {name}, {np.median(x):,.0f} with {rival}",
        430,
        [
            *(
                _viewers(f"{label} ({int(chosen.sum()):,})", x[chosen], y[chosen], ids[chosen], model)
                for label, chosen, model in sides
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


def _viewers(label: str, x: np.ndarray, y: np.ndarray, ids: np.ndarray, model: str) -> dict:
    look = theme.look(model)
    return scatter(
        x=x,
        y=y,
        name=label,
        mode="markers",
        customdata=ids,
        marker={"color": look["hue"], "symbol": look["symbol"], "size": 6, "opacity": 0.65},
        hovertemplate="viewer %{customdata}: rank %{y:,.0f} against %{x:,.0f}<extra></extra>",
    )


def horizontal_activations(trace: Trace, films: Sequence[str]) -> go.Figure:
    """Every horizontal filter over every window of one sequence, after ReLU.

    The window that max pooling keeps is framed and its value printed; a silent filter has no frame.

    Args:
        trace: of the sequence. films: a short name a position, the oldest first.
    """
    if not trace.responses or not trace.responses[0].size:
        return empty("This model has no horizontal filters")
    values, starts = _side_by_side(trace.responses)
    hover = "filter %{y} over %{customdata}: %{z:.2f}"
    under = _window_names(trace.responses, films)
    return figure(
        _activation_title(trace, films),
        90 + 23 * len(values),
        [
            heatmap(np.maximum(values, 0), hover, theme.ACTIVATION, xgap=1, ygap=1, customdata=under),
            _pooled(trace, starts),
        ],
        xaxis=_window_axis(trace.responses, starts),
        yaxis=_filter_axis(len(values)),
        annotations=[_height_name(h, start, len(trace.responses[h - 1])) for h, start in starts],
    )


def _side_by_side(responses: Sequence[np.ndarray]) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """The heights' responses as one matrix (n_h, columns), a gap between heights, and (height, first column)."""
    gap = np.full((responses[0].shape[1], 1), np.nan)
    columns, starts, at = [], [], 0
    for h, response in enumerate(responses, 1):
        starts.append((h, at))
        columns += [response.T, gap]
        at += len(response) + 1
    return np.concatenate(columns[:-1], 1), starts


def _span(films: Sequence[str], first: int, height: int) -> str:
    return " → ".join(films[first : first + height])


def _window_names(responses: Sequence[np.ndarray], films: Sequence[str]) -> np.ndarray:
    """str (n_h, columns): the films under each cell of `_side_by_side`."""
    names = []
    for h, response in enumerate(responses, 1):
        names += [_span(films, first, h) for first in range(len(response))] + [""]
    return np.tile(np.array(names[:-1], object), (responses[0].shape[1], 1))


def _pooled(trace: Trace, starts: Sequence[tuple[int, int]]) -> dict:
    """The windows that max pooling keeps, where the filter fires at all."""
    x, y, value = [], [], []
    for h, start in starts:
        fires = np.flatnonzero(trace.alive[h - 1])
        x += (start + trace.pooled[h - 1][fires]).tolist()
        y += fires.tolist()
        value += trace.activation[h - 1][fires].tolist()
    return scatter(
        x=x,
        y=y,
        mode="markers+text",
        text=[_short(v) for v in value],
        textfont={"size": 10},
        marker={"symbol": "square-open", "size": 20, "line": {"width": 1.5}, "color": theme.TRUTH},
        hoverinfo="skip",
        showlegend=False,
    )


def _short(value: float) -> str:
    """Three signs, to fit a small frame: .07 or 1.2."""
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2f}".removeprefix("0")


def _window_axis(responses: Sequence[np.ndarray], starts: Sequence[tuple[int, int]]) -> dict:
    ticks = {start + first: _positions(first, h) for h, start in starts for first in range(len(responses[h - 1]))}
    return bare_axis("films covered, numbered as above", tickvals=list(ticks), ticktext=list(ticks.values()))


def _height_name(height: int, start: int, windows: int) -> dict:
    """How many films are covered, over the middle of a block of windows."""
    words = f" film{'s' * (height > 1)}" if windows > 2 else ""  # a narrow block has no room for the word
    place = {"x": start + (windows - 1) / 2, "y": 1, "yref": "paper", "yanchor": "bottom"}
    return {"text": f"<b>{height}{words}</b>", "showarrow": False} | place


def _filter_axis(n: int) -> dict:
    return bare_axis("filter", range=[n - 0.5, -0.5], tickvals=np.arange(n))


def _positions(first: int, height: int) -> str:
    """The films under a window, stacked, so that neighbouring labels never touch."""
    return str(first + 1) if height == 1 else f"{first + 1}<br>–<br>{first + height}"


def _activation_title(trace: Trace, films: Sequence[str]) -> str:
    if not trace.alive.any():
        return "No horizontal filter fires for these films"
    h, best = np.unravel_index(int(trace.activation.argmax()), trace.activation.shape)
    first = int(trace.pooled[h, best])
    where = _span(films, first, h + 1) if h < 2 else f"films {first + 1} to {first + h + 1}"
    return f"{int(trace.alive.sum())} of {trace.alive.size} filters fire; the strongest answers to {where}"


def vertical_weights(weights: np.ndarray, films: Sequence[str]) -> go.Figure:
    """Each vertical filter's weight a position, printed in its cell.

    Args:
        weights: float (n_v, L), the oldest first. films: a short name a position.
    """
    if not weights.size:
        return empty("This model has no vertical filters")
    return weights_by_position(
        _weights_title(weights), weights, films, "film, numbered as above", _filter_axis(len(weights))
    )


def weights_by_position(title: str, weights: np.ndarray, films: Sequence[str], under: str, filters: dict) -> go.Figure:
    """The weights of `vertical_weights`.

    Args:
        under: what is written under the positions. filters: the axis of the filters.
    """
    places = np.arange(len(films))
    names = np.tile(np.array(films, object), (len(weights), 1))
    texts = np.array([f"{weight:+.2f}" for weight in weights.ravel()])
    return figure(
        title,
        120 + 44 * len(weights),
        [
            heatmap(weights, "filter %{y}, %{customdata}: %{z:.2f}", xgap=2, ygap=2, customdata=names),
            numbers(weights, 13, texts),
        ],
        xaxis=bare_axis(under, tickvals=places, ticktext=places + 1),
        yaxis=filters,
    )


def _weights_title(weights: np.ndarray) -> str:
    size = np.abs(weights).mean(0)
    heaviest, n = int(size.argmax()), len(size)
    if size.min() > 0.95 * size.max():
        return "Vertical filters weigh all films about alike"
    where = "the most recent film" if heaviest == n - 1 else f"film {heaviest + 1} of {n}"
    more = f", {size[heaviest] / size[0]:.1f} times the oldest" if 0 < size[0] < 0.95 * size[heaviest] else ""
    return f"Vertical filters weigh {where} most{more}"


def history_lengths(lengths: np.ndarray) -> go.Figure:
    """How many viewers have watched how many films; lengths int (n_users,)."""
    if not len(lengths):
        return empty("There are no viewers")
    middle = int(np.median(lengths))
    logarithmic = lengths.max() > 20 * max(lengths.min(), 1)
    edges = np.geomspace(lengths.min(), lengths.max() + 1, 31) if logarithmic else _whole_edges(lengths)
    counts, edges = np.histogram(lengths, edges)
    bars = {
        "type": "bar",
        "x": np.sqrt(edges[:-1] * edges[1:]) if logarithmic else (edges[:-1] + edges[1:] - 1) / 2,
        "y": counts,
        "width": np.diff(edges) * 0.92,
        "marker": {"color": theme.CASER},
        "customdata": np.stack([np.ceil(edges[:-1]), np.ceil(edges[1:]) - 1], 1),
        "hovertemplate": "%{customdata[0]:,.0f} to %{customdata[1]:,.0f} films: %{y:,} viewers<extra></extra>",
    }
    return figure(
        f"Half of the viewers watched {middle:,} films or fewer; the longest history has {lengths.max():,}",
        320,
        [bars],
        xaxis=_logarithmic("films watched (log scale)") if logarithmic else axis("films watched"),
        yaxis=axis("viewers"),
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
        return empty("Nothing was watched")
    share = np.concatenate([[0], np.cumsum(np.sort(counts)[::-1]) / counts.sum()])
    films = np.linspace(0, 1, len(share))
    tenth = float(np.interp(0.1, films, share))
    shown = np.unique(np.linspace(0, len(share) - 1, 200).astype(int))
    curve = scatter(
        x=films[shown],
        y=share[shown],
        line={"color": theme.CASER, "width": 3},
        hovertemplate="the top %{x:.0%} of films: %{y:.0%} of views<extra></extra>",
    )
    mark = scatter(
        x=[0.1],
        y=[tenth],
        mode="markers+text",
        text=[f"<b>{_percent(tenth)}</b>"],
        textposition="bottom right",
        marker={"size": 11, "color": theme.TRUTH, "symbol": "diamond"},
        hoverinfo="skip",
    )
    return figure(
        f"The most watched tenth of the films takes {_percent(tenth)} of all views",
        320,
        [curve, mark],
        xaxis=axis("films, the most watched first", tickformat=".0%"),
        yaxis=axis("share of all views", tickformat=".0%", range=[0, 1.03]),
    )


def genres(films: pd.Series, views: pd.Series) -> go.Figure:
    """A genre's share of films and of views, each indexed by genre, in [0, 1]."""
    if not len(films):
        return empty("No film has a genre")
    order = views.sort_values().index
    gap = views - films
    kinds = (
        ("share of films", films, theme.POPULARITY, "square"),
        ("share of views", views, theme.CASER, "circle"),
    )
    return figure(
        f"{gap.idxmax()} is watched more than its share of films, {gap.idxmin()} less",
        120 + 22 * len(films),
        [
            scatter(
                x=values[order],
                y=order,
                name=label,
                mode="markers",
                marker={"size": 10, "color": hue, "symbol": symbol},
                hovertemplate=f"%{{y}}: %{{x:.1%}} {label.removeprefix('share ')}<extra></extra>",
            )
            for label, values, hue, symbol in kinds
        ],
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=axis("share (a film can have several genres)", tickformat=".0%", rangemode="tozero"),
        yaxis=axis(showgrid=True),
    )


def ties(shares: Mapping[str, float]) -> go.Figure:
    """Shares in [0, 1] of what happens at one and the same time, a bar each; the first is the headline."""
    if not shares:
        return empty("Nothing is known of times")
    first, share = next(iter(shares.items()))
    title = f"{first}: {_percent(share)}" if share else "Nothing is watched at the same time: every order is known"
    values = list(shares.values())
    bars = {
        "type": "bar",
        "y": [_wrapped(label, 30) for label in shares],
        "x": values,
        "orientation": "h",
        "marker": {"color": theme.CASER},
        "text": [f"<b>{_percent(v)}</b>" for v in values],
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


def _percent(share: float) -> str:
    return f"{share:.1%}"


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
