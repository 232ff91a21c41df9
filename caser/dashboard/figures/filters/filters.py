"""Figures of the Filters page: what the convolutions do with one sequence, and what they seek in general.

As in `figures`: results in, a plotly Figure out, titles that state what the data say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.filters.sequence import weights_by_position
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    PRINTED,
    above,
    axis,
    bar_axes,
    bare_axis,
    dimension_axis,
    empty,
    figure,
    frame,
    heatmap,
    numbers,
    on,
    row_axis,
    scatter,
    shares,
    sign_hue,
    signed_bars,
    tiny,
    upright,
)
from caser.dashboard.names import filter_name, literal, no_film, positions, short, span
from caser.evaluation import METRICS, Metric
from caser.explain.ablation import Ablation, AblationTable
from caser.explain.film_map import FilmMap
from caser.explain.filters import FilterView, Trace, VerticalFilter, dominant, vertical_name
from caser.words import W

MOST_DRAWN = 400  # marks that only show where films lie
_CLICKABLE = "rgba(128,128,128,0.01)"  # a heatmap cannot be clicked, a mark that is hardly there can


# ---- a sequence on its way to a score


def embedding(matrix: np.ndarray, films: Sequence[str]) -> go.Figure:
    """E, one row for each film: float (L, d)."""
    return figure(
        _embedding_title(matrix, films),
        110 + 30 * len(matrix),
        _printed(matrix, "%{customdata}, number %{x}: %{z:.3f}", customdata=_repeated(films, matrix)),
        xaxis=dimension_axis(matrix.shape[1], f"the {W.film}'s learnt numbers"),
        yaxis=row_axis(positions(films)),
    )


def _repeated(films: Sequence[str], matrix: np.ndarray) -> np.ndarray:
    return np.repeat(np.array(films, object)[:, None], matrix.shape[1], axis=1)


def _printed(values: np.ndarray, hover: str, printed: np.ndarray | None = None, **options) -> list[dict]:
    """A heatmap, with its numbers if they fit; `printed` are other numbers than those that are coloured."""
    drawn = [heatmap(values, hover, **options)]
    if values.shape[1] <= PRINTED:
        drawn.append(numbers(values if printed is None else printed))
    return drawn


def _embedding_title(matrix: np.ndarray, films: Sequence[str]) -> str:
    places = [at for at, film in enumerate(films) if film != no_film()]
    if len(places) < 2:
        return f"Each {W.film} is a row of {matrix.shape[1]} learnt numbers"
    unit = matrix[places] / np.maximum(np.linalg.norm(matrix[places], axis=1, keepdims=True), 1e-12)
    alike = np.triu(unit @ unit.T, 1) + np.tril(np.full((len(places),) * 2, -2.0))
    a, b = np.unravel_index(int(alike.argmax()), alike.shape)
    return (
        f"Each {W.film} is a row of {matrix.shape[1]} learnt numbers; "
        f"{short(films[places[a]])} and {short(films[places[b]])} are the most alike"
    )


def blends(traced: Trace, weights: np.ndarray, films: Sequence[str]) -> go.Figure:
    """What the vertical filters give: float (n_v, d), each a weighted sum of the rows of E.

    Args:
        weights: float (n_v, L).
    """
    values = traced.vertical
    if not values.size:
        return empty("This model has no vertical filters")
    share = np.abs(weights) * np.linalg.norm(traced.embedding, axis=1)  # (n_v, L)
    return figure(
        _blended(share, films),
        150 + 30 * len(values),
        _printed(values, "vertical filter %{y}, number %{x}: %{z:.3f}"),
        xaxis=dimension_axis(values.shape[1], "the same numbers as in the matrix"),
        yaxis=row_axis([vertical_name(k) for k in range(len(values))]),
    )


def _blended(size: np.ndarray, films: Sequence[str]) -> str:
    """Which filter blends mostly one film, and that one; float (n_v, L)."""
    if not size.any():
        return f"The vertical filters have no {W.film} to blend"
    share = size / np.maximum(size.sum(1, keepdims=True), 1e-12)
    k, film = np.unravel_index(int(share.argmax()), share.shape)
    if dominant(size[k]) is None:
        return f"Every vertical filter spreads over the {W.films}: none has more than {share[k, film]:.0%} of a blend"
    return f"Vertical filter {vertical_name(k)} blends mostly {short(films[film])}, {W.film} {film + 1}"


def products(parts: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> go.Figure:
    """How a score comes about: vectors times a film's weights, number by number.

    Args:
        parts: (vector (d,), the film's weights (d,)) by what the vector stands for.
    """
    sums = {name: float(vector @ weight) for name, (vector, weight) in parts.items()}
    said = ", ".join(f"{name}: {value:+.2f}" for name, value in sums.items())
    rows, labels = [], []
    for name, (vector, weight) in parts.items():
        rows += [vector, weight, vector * weight, np.full_like(vector, np.nan)]
        labels += [name, f"× the {W.film}'s weights", f"<b>= sum {sums[name]:+.2f}</b>", ""]
    values = np.array(rows[:-1])
    size = np.maximum(np.nan_to_num(np.abs(values)).max(1, keepdims=True), 1e-12)  # every row on its own scale
    return figure(
        f"Multiplied and summed: {said}",
        110 + 28 * len(values),
        _printed(values / size, "number %{x}: %{customdata:.3f}", values, most=1.0, customdata=values),
        xaxis=dimension_axis(values.shape[1], "one number of each vector"),
        yaxis=row_axis(labels[:-1]),
    )


# ---- one filter, step by step


def sliding(matrix: np.ndarray, weights: np.ndarray, bias: float, first: int, films: Sequence[str]) -> go.Figure:
    """A filter laid over the films from `first` on: the matrix, the filter, and their product with its sums.

    Args:
        matrix: float (L, d), E. weights: float (h, d).
    """
    height, d = weights.shape
    under = matrix[first : first + height] * weights  # (h, d)
    tall = 150 + 30 * (len(matrix) + 2 * height)
    bottom, middle, top = shares([height, height, len(matrix)], 36 / tall)
    beneath = dimension_axis(d)
    shared = beneath | {"matches": "x3", "showticklabels": False}
    sums = [f"<b>= {value:+.2f}</b>" for value in under.sum(1)]
    return figure(
        _sliding_title(under, bias, first),
        tall,
        [
            *on("", *_printed(matrix, "%{z:.3f}")),
            *on("2", *_printed(weights, "%{z:.3f}")),
            *on("3", *_printed(under, "%{z:.3f}")),
        ],
        xaxis=shared | {"anchor": "y"},
        xaxis2=shared | {"anchor": "y2"},
        xaxis3=beneath | {"anchor": "y3"},
        yaxis=row_axis(positions(films)) | {"anchor": "x", "domain": top},
        yaxis2=row_axis([f"filter row {row + 1}" for row in range(height)]) | {"anchor": "x2", "domain": middle},
        yaxis3=row_axis(sums) | {"anchor": "x3", "domain": bottom},
        shapes=[frame((0, d - 1), (first, first + height - 1))],
        annotations=[
            above("2", "× the filter's rows", x=0, xanchor="left"),
            above("3", "= products; the sum of each row on the left", x=0, xanchor="left"),
        ],
    )


def _sliding_title(under: np.ndarray, bias: float, first: int) -> str:
    total = float(under.sum()) + bias
    kept = "the ReLU lets it through" if total > 0 else "below zero, so the ReLU makes it 0"
    where = span(first, len(under))
    return f"{where[0].upper()}{where[1:]}: the response is {total:+.2f}, {kept}"


def responses(values: Sequence[float], height: int, films: Sequence[str], upto: int | None = None) -> go.Figure:
    """A filter over every window, before ReLU; the one that max pooling keeps is named.

    Args:
        upto: the last window shown so far; those after it are left blank. None shows all.
    """
    values = np.array(values, float)
    seen = len(values) if upto is None else upto + 1
    best = int(values[:seen].argmax())
    shown = np.where(np.arange(len(values)) < seen, values, np.nan)
    return figure(
        _response_title(values[:seen], height, len(values)),
        100 + 38 * len(values),
        [
            signed_bars(
                [_window_label(first, height, films) for first in range(len(values))],
                shown,
                "%{y}: %{x:.3f}",
                text=[_response_text(v, at == best) if at < seen else "not yet" for at, v in enumerate(values)],
            )
        ],
        **bar_axes(values, share=0.4),
    )


def _window_label(first: int, height: int, films: Sequence[str]) -> str:
    return positions(films)[first] if height == 1 else span(first, height)


def _response_text(value: float, best: bool) -> str:
    if not best:
        return f"{value:+.2f}"
    return f"<b>{value:+.2f} ★ kept</b>" if value > 0 else f"<b>{value:+.2f}, so 0</b>"


def _response_title(values: np.ndarray, height: int, windows: int) -> str:
    best, highest = int(values.argmax()), float(values.max())
    if len(values) < windows:
        return (
            f"After {len(values)} of {windows} windows the highest response is {highest:+.2f}, at {span(best, height)}"
        )
    if highest <= 0:
        return "No response is above zero: the filter is inactive here"
    return f"Max pooling keeps {highest:+.2f}, from {span(best, height)}"


# ---- all filters at once


def grid(view: FilterView, chosen: tuple[int, int], film: str) -> go.Figure:
    """Every horizontal filter: how strongly it fires, and what it adds to a film's score.

    One row for each filter, one column for each height; marks, with the filters' names as customdata, can be clicked.
    """
    if not view.horizontal:
        return empty("This model has no horizontal filters")
    heights, n = max(f.height for f in view.horizontal), 1 + max(f.index for f in view.horizontal)
    activation, contribution = np.zeros((n, heights)), np.zeros((n, heights))
    for f in view.horizontal:
        activation[f.index, f.height - 1], contribution[f.index, f.height - 1] = f.activation, f.contribution
    rows = [str(j) for j in range(n)]
    cell = (chosen[0] - 1,) * 2, (chosen[1],) * 2
    left, right = shares([1, 1], 0.05)
    return figure(
        _grid_title(view, film),
        150 + 25 * n,
        [
            *on("", *_panel(activation, activation > 0, theme.ACTIVATION)),
            *on("2", *_panel(contribution, activation > 0, theme.DIVERGING)),
        ],
        xaxis=_height_axis(heights, left),
        xaxis2=_height_axis(heights, right) | {"anchor": "y2"},
        yaxis=row_axis(rows, "filter"),
        yaxis2=row_axis(rows) | {"anchor": "x2", "matches": "y", "showticklabels": False},
        shapes=[frame(*cell, xref=f"x{at}", yref=f"y{at}") for at in ("", "2")],
        annotations=[above("", "fires with", font={"size": 12}), above("2", "adds to the score", font={"size": 12})],
        margin={"t": 62},
    )


def _panel(values: np.ndarray, alive: np.ndarray, scale: list) -> list[dict]:
    text = np.where(alive, np.vectorize(_bare if scale is theme.ACTIVATION else tiny)(values), "")
    marks = _clickable(values, text if values.shape[1] <= PRINTED else None)
    return [heatmap(values, "", scale, hoverinfo="skip"), marks]


def _height_axis(heights: int, domain: list[float]) -> dict:
    return dimension_axis(heights, f"height: {W.films} covered") | {"domain": domain}


def _bare(value: float) -> str:
    return tiny(value).removeprefix("+")


def _clickable(values: np.ndarray, printed: np.ndarray | None) -> dict:
    j, h = np.indices(values.shape).reshape(2, -1)
    names = [filter_name(height, index) for height, index in zip(h + 1, j, strict=True)]
    return scatter(
        x=h,
        y=j,
        mode="markers" if printed is None else "markers+text",
        marker={"symbol": "square", "size": 22, "color": _CLICKABLE},
        text=None if printed is None else printed.ravel(),
        textfont={"size": 11},
        customdata=names,
        hovertext=[f"filter {name}: {value:+.3f}" for name, value in zip(names, values.ravel(), strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
        unselected={"marker": {"opacity": 1}},
    )


def _grid_title(view: FilterView, film: str) -> str:
    if not view.fired:
        return f"No horizontal filter fires for these {W.films}"
    best = max(view.fired, key=lambda f: f.contribution)
    fired = f"{len(view.fired)} of {len(view.horizontal)} horizontal filters fire"
    return f"{fired}; {filter_name(best.height, best.index)} adds most to {short(film)} ({best.contribution:+.2f})"


# ---- one filter


def filter_weights(weights: np.ndarray, title: str, most: float | None = None) -> go.Figure:
    """A filter's weights, one row for each film: float (h, d); `most` is the end of the colours' scale."""
    return figure(
        title,
        110 + 30 * len(weights),
        _printed(weights, "%{y}, number %{x}: %{z:.3f}", most=most),
        xaxis=dimension_axis(weights.shape[1], "number of the embedding"),
        yaxis=row_axis([f"row {row + 1}" for row in range(len(weights))]),
    )


# ---- vertical filters


def vertical_weights(weights: np.ndarray, films: Sequence[str]) -> go.Figure:
    """Each vertical filter's weight for each position: float (n_v, L), the oldest first."""
    if not weights.size:
        return empty("This model has no vertical filters")
    size = np.abs(weights) / np.maximum(np.abs(weights).sum(1, keepdims=True), 1e-12)
    k, place = np.unravel_index(int(size.argmax()), size.shape)
    title = (
        f"{vertical_name(k)} leans most on one position: {size[k, place]:.0%} of its weight is on {W.film} {place + 1}"
    )
    names = row_axis([vertical_name(k) for k in range(len(weights))])
    return weights_by_position(title, weights, films, f"{W.film}, the oldest first", names)


def position_weights(size: np.ndarray, films: Sequence[str]) -> go.Figure:
    """The mean size of the vertical weights by position, the oldest first: float (L,)."""
    if not size.any():
        return empty("This model has no vertical filters")
    most = int(size.argmax())
    share = size / size.sum()
    where = f"the most recent {W.film}" if most == len(size) - 1 else f"{W.film} {most + 1} of {len(size)}"
    title = f"On average the vertical filters weigh {where} most: {share[most]:.0%} of all weight"
    look = {"text": [f"<b>{part:.0%}</b>" for part in share], "marker": {"color": theme.ACCENT}}
    bars = signed_bars(positions(films), size, "%{y}: %{x:.3f}", **look)
    return figure(title, 64 + 36 * len(size), [bars], **bar_axes(size))


def vertical_now(filters: Sequence[VerticalFilter], film: str) -> go.Figure:
    """What each vertical filter adds to a film's score now."""
    if not filters:
        return empty("This model has no vertical filters")
    values = np.array([f.contribution for f in filters])
    best = int(np.abs(values).argmax())
    title = f"Now the vertical filters add {values.sum():+.2f} to {short(film)}; {filters[best].name} moves it most"
    bars = signed_bars([f.name for f in filters], values, "%{y}: %{x:.3f}")
    return figure(title, 64 + 36 * len(values), [bars], **bar_axes(values))


# ---- the map of films


@dataclass(frozen=True, eq=False)
class Colours:
    """What the films of the map are coloured by.

    Attributes:
        name: in the legend and at the scale. values: float (n_items,); nan is unknown. graded: more or less of it, else
            a film has it (1) or not (0).
    """

    name: str
    values: np.ndarray
    graded: bool


def film_map(
    plane: FilmMap,
    labels: Sequence[str],
    path: Sequence[int],
    predictions: Sequence[int],
    target: int | None,
    near: Sequence[int] = (),
    colours: Colours | None = None,
) -> go.Figure:
    """Films on the plane that holds most of their spread, with the visitor's path and what is predicted.

    Args:
        labels: one per film, by dense id. path: watched, the oldest first. predictions: the best first.
        near: the film searched for, then those nearest to it.
    """
    traces = _backdrop(plane, labels, colours)
    if path:
        traces.append(_path(plane, path, labels))
    if predictions:
        traces.append(_predictions(plane, predictions, labels))
    if target is not None:
        look = {"size": 16, "color": theme.TRUTH, "symbol": "star"}
        traces.append(_films(plane, [target], labels, f"{W.watched} next", look))
    if near:
        ring = {"size": 17, "color": theme.MARK, "symbol": "circle-open", "line": {"width": 2}}
        traces.append(_films(plane, near[1:], labels, "nearest to it", ring))
        traces.append(_films(plane, near[:1], labels, "searched", ring | {"size": 24, "line": {"width": 4}}))
    return figure(
        _map_title(plane, labels, path, predictions),
        560,
        traces,
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=_component_axis(plane, 0),
        yaxis=_component_axis(plane, 1),
    )


def _backdrop(plane: FilmMap, labels: Sequence[str], colours: Colours | None) -> list[dict]:
    """The other films, grey or coloured."""
    every = -(-len(plane.films) // MOST_DRAWN) if colours is None else 1
    films, name = plane.films[::every], f"other {W.films}, 1 in {every}" if every > 1 else f"other {W.films}"
    if colours is None:
        return [_films(plane, films, labels, name, {"size": 5, "color": theme.GRID})]
    values = colours.values[films]
    if colours.graded:
        bar = {"title": {"text": colours.name, "side": "right"}, "thickness": 10, "len": 0.7}
        scale = {"color": values, "colorscale": "Viridis", "colorbar": bar, "size": 6, "opacity": 0.8}
        return [_films(plane, films, labels, name, scale)]
    has = values == 1
    return [
        _films(plane, films[~has], labels, name, {"size": 5, "color": theme.GRID}),
        _films(
            plane, films[has], labels, literal(colours.name), {"size": 7, "color": theme.ACCENT, "symbol": "square"}
        ),
    ]


def _component_axis(plane: FilmMap, component: int) -> dict:
    name, way = plane.names[component], "→↑"[component]
    goes_by = f" {way} {literal(name.text)} ({name.share:.0%} explained)" if name else ", no tested concept explains it"
    return bare_axis(f"{plane.share[component]:.1%} of the variance{goes_by}", showticklabels=False)


def _films(
    plane: FilmMap, items: Sequence[int], labels: Sequence[str], name: str, marker: dict, mode: str = "markers", **more
) -> dict:
    return scatter(
        x=plane.place[items, 0],
        y=plane.place[items, 1],
        name=name,
        mode=mode,
        marker=marker,
        text=[labels[i] for i in items],
        hovertemplate="%{text}<extra></extra>",
        **more,
    )


def _path(plane: FilmMap, path: Sequence[int], labels: Sequence[str]) -> dict:
    return _films(
        plane,
        path,
        labels,
        f"{W.watched}, in order",
        {"size": 20, "color": theme.ACCENT, "opacity": 0.45},
        mode="lines+markers+text",
        line={"color": theme.ACCENT, "width": 2},
        texttemplate=[f"<b>{number}</b>" for number in range(1, len(path) + 1)],
        textposition="middle center",
    )


def _predictions(plane: FilmMap, items: Sequence[int], labels: Sequence[str]) -> dict:
    return _films(
        plane,
        items,
        labels,
        "predicted, by rank",
        {"size": 11, "color": theme.POSITIVE, "symbol": "diamond"},
        mode="markers+text",
        texttemplate=[str(rank) for rank in range(1, len(items) + 1)],
        textposition="top center",
    )


def _map_title(plane: FilmMap, labels: Sequence[str], path: Sequence[int], predictions: Sequence[int]) -> str:
    held = f"the two directions hold {sum(plane.share):.0%} of the {W.films}' spread"
    if not path or not predictions:
        return f"A flat view of the {W.films}: {held}"
    away = np.linalg.norm(plane.place[list(predictions)] - plane.place[path[-1]], axis=1)
    near = predictions[int(away.argmin())]
    return f"{short(labels[near])} is the predicted {W.film} nearest to the last {W.film} here; {held}"


# ---- switching off, and forming


def ablation(table: AblationTable, names: Sequence[str], metric: str, words: Mapping[str, str]) -> go.Figure:
    """What switching things off does to a test metric, with 95 % margins.

    Args:
        names: of the table's switches, in the order to draw. words: how to call them.
    """
    rows = {row.switch.name: row for row in table.rows}
    shown = [rows[name] for name in names if name in rows]
    if not shown:
        return empty("This model has no part to switch off")
    measure = METRICS[metric]
    change = np.array([row.change[metric] for row in shown])
    margin = np.array([row.margin[metric] for row in shown])
    return figure(
        _ablation_title(shown, metric, words),
        130 + 34 * len(shown),
        [_changes([words[row.switch.name] for row in shown], change, margin, measure)],
        shapes=[upright(0, theme.GRID, "solid", 1) | {"layer": "below"}],
        xaxis=axis(f"change of {measure.label}{measure.unit}"),
        yaxis={"autorange": "reversed", "showgrid": False},
    )


def _changes(names: Sequence[str], change: np.ndarray, margin: np.ndarray, measure: Metric) -> dict:
    """One mark for each switch, hollow where its change may be chance."""
    sure = np.abs(change) > margin
    return scatter(
        x=measure.scale * change,
        y=names,
        error_x={"type": "data", "array": measure.scale * margin, "thickness": 2, "width": 4, "color": theme.NEUTRAL},
        mode="markers+text",
        text=[measure.signed(c) for c in change],
        textposition="top center",
        marker={
            "size": 11,
            "color": np.where(sure, sign_hue(change), theme.NEUTRAL),
            "symbol": np.where(sure, "circle", "circle-open"),
        },
        customdata=[f"{measure.signed(c)} ± {measure.apart(m)}" for c, m in zip(change, margin, strict=True)],
        hovertemplate="%{y} off: %{customdata}<extra></extra>",
    )


def _ablation_title(shown: Sequence[Ablation], metric: str, words: Mapping[str, str]) -> str:
    worst = min(shown, key=lambda row: row.change[metric])
    change, margin, measure = worst.change[metric], worst.margin[metric], METRICS[metric]
    if -change <= margin:
        return f"What each switch costs in {measure.label} may be chance"
    lost = f"{measure.apart(change)} (± {measure.signed(margin)[1:]})"
    return f"{measure.label} loses most without {words[worst.switch.name]}: {lost}"


def forming(likeness: Mapping[int, np.ndarray], chosen: int, name: str) -> go.Figure:
    """How like their final weights the filters are, by epoch: cosines, float (n_filters,) per epoch.

    Args:
        chosen: which of the filters is called `name`; the others are summed up by their median.
    """
    epochs = list(likeness)
    cosines = np.array([likeness[epoch][chosen] for epoch in epochs])
    middle = np.array([np.median(likeness[epoch]) for epoch in epochs])
    lines = (
        (f"filter {name}", cosines, theme.ACCENT, "solid"),
        ("median filter", middle, theme.NEUTRAL, "dot"),
    )
    return figure(
        _forming_title(epochs, cosines, name),
        300,
        [
            scatter(
                x=epochs,
                y=values,
                name=label,
                mode="lines+markers",
                line={"color": hue, "dash": dash, "width": 3},
                hovertemplate=f"{label}, epoch %{{x}}: cosine %{{y:.2f}}<extra></extra>",
            )
            for label, values, hue, dash in lines
        ],
        showlegend=True,
        legend=LEGEND_ABOVE | {"y": 1.02},
        xaxis=axis("epoch (0 is before training)", tickvals=epochs),
        yaxis=axis("cosine with the end"),
    )


def _forming_title(epochs: Sequence[int], likeness: np.ndarray, name: str) -> str:
    start = float(likeness[0])
    if start >= 0.5:
        return f"Filter {name} keeps much of its random start (cosine {start:.2f} between start and end)"
    settled = len(epochs) - 1  # where the likeness is 1 whatever the filter did
    while likeness[settled - 1] > 0.9:
        settled -= 1
    turns = f"Filter {name} turns away from its random start"
    if settled < len(epochs) - 1:
        return f"{turns} and settles by epoch {epochs[settled]} (cosine with the end above 0.9)"
    if len(epochs) > 2:
        return f"{turns} and still turns after epoch {epochs[-2]} (cosine with the end {likeness[-2]:.2f})"
    return f"{turns} (cosine with the end {start:.2f})"
