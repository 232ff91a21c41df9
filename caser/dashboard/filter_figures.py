"""Figures of the Filters page: what the convolutions do with one sequence, and what they seek in general.

As in `figures`: results in, a plotly Figure out, titles that state what the data say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from caser.ablation import Ablation, AblationTable
from caser.dashboard import figures, theme
from caser.dashboard.canvas import (
    NO_FILM,
    PRINTED,
    bar_axes,
    canvas,
    dimension_axis,
    filter_name,
    frame,
    heatmap,
    layout,
    numbers,
    positions,
    row_axis,
    short,
    signed_bars,
    span,
    tiny,
)
from caser.dashboard.figures import METRIC_LABELS, empty
from caser.dashboard.film_map import FilmMap
from caser.filters import FilterView, Trace, VerticalFilter
from caser.preferences import SIGNIFICANCE

_CLICKABLE = "rgba(128,128,128,0.01)"  # a heatmap cannot be clicked, a mark that is hardly there can


# ---- a sequence on its way to a score


def embedding(matrix: np.ndarray, films: Sequence[str]) -> go.Figure:
    """E, a row a film: float (L, d)."""
    figure = canvas(_embedding_title(matrix, films), 110 + 30 * len(matrix))
    figure.add_trace(heatmap(matrix, "%{customdata}, number %{x}: %{z:.3f}", customdata=_repeated(films, matrix)))
    _print(figure, matrix)
    row_axis(figure, positions(films))
    dimension_axis(figure, matrix.shape[1], "the film's learnt numbers")
    return figure


def _repeated(films: Sequence[str], matrix: np.ndarray) -> np.ndarray:
    return np.repeat(np.array(films, object)[:, None], matrix.shape[1], axis=1)


def _print(figure: go.Figure, values: np.ndarray, **place) -> None:
    """Print a heatmap's numbers if they fit."""
    if values.shape[1] <= PRINTED:
        figure.add_trace(numbers(values), **place)


def _embedding_title(matrix: np.ndarray, films: Sequence[str]) -> str:
    there = [at for at, film in enumerate(films) if film != NO_FILM]
    if len(there) < 2:
        return f"Each film is a row of {matrix.shape[1]} learnt numbers"
    unit = matrix[there] / np.maximum(np.linalg.norm(matrix[there], axis=1, keepdims=True), 1e-12)
    alike = np.triu(unit @ unit.T, 1) + np.tril(np.full((len(there),) * 2, -2.0))
    a, b = np.unravel_index(int(alike.argmax()), alike.shape)
    return (
        f"Each film is a row of {matrix.shape[1]} learnt numbers; "
        f"{short(films[there[a]])} and {short(films[there[b]])} are the most alike"
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
    most, film = np.unravel_index(int(share.argmax()), share.shape)
    title = f"Vertical filter {most} blends mostly {short(films[film])}, film {film + 1}"
    if not share.any():
        title = "The vertical filters have no film to blend"
    figure = canvas(title, 150 + 30 * len(values))
    figure.add_trace(heatmap(values, "vertical filter %{y}, number %{x}: %{z:.3f}"))
    _print(figure, values)
    row_axis(figure, [f"v{k}" for k in range(len(values))])
    dimension_axis(figure, values.shape[1], "the same numbers as in the matrix")
    return figure


def products(parts: Mapping[str, tuple[np.ndarray, np.ndarray]], film: str) -> go.Figure:
    """How a score comes about: vectors times what a film asks for, number by number.

    Args:
        parts: (vector (d,), the film's weights (d,)) by what the vector stands for.
    """
    sums = {name: float(vector @ weight) for name, (vector, weight) in parts.items()}
    said = ", ".join(f"{name}: {value:+.2f}" for name, value in sums.items())
    rows, labels = [], []
    for name, (vector, weight) in parts.items():
        rows += [vector, weight, vector * weight, np.full_like(vector, np.nan)]
        labels += [name, f"× what {short(film, 16)} asks", f"<b>= sum {sums[name]:+.2f}</b>", ""]
    values = np.array(rows[:-1])
    size = np.maximum(np.nan_to_num(np.abs(values)).max(1, keepdims=True), 1e-12)  # every row on its own scale
    figure = canvas(f"Multiplied and summed: {said}", 110 + 28 * len(values))
    figure.add_trace(heatmap(values / size, "number %{x}: %{customdata:.3f}", most=1.0, customdata=values))
    _print(figure, values)
    row_axis(figure, labels[:-1])
    dimension_axis(figure, values.shape[1], "one number of each vector")
    return figure


# ---- one filter, step by step


def sliding(matrix: np.ndarray, weights: np.ndarray, bias: float, first: int, films: Sequence[str]) -> go.Figure:
    """A filter laid over the films from `first` on: the matrix, the filter, and their product with its sums.

    Args:
        matrix: float (L, d), E. weights: float (h, d).
    """
    height = len(weights)
    under = matrix[first : first + height] * weights  # (h, d)
    rows = [len(matrix), height, height]
    figure = make_subplots(3, 1, shared_xaxes=True, row_heights=rows, vertical_spacing=36 / (150 + 30 * sum(rows)))
    figure.update_layout(layout(_sliding_title(under, bias, first), 150 + 30 * sum(rows)))
    sums = [f"<b>= {value:+.2f}</b>" for value in under.sum(1)]
    labels = positions(films), [f"filter row {row + 1}" for row in range(height)], sums
    for at, (values, names) in enumerate(zip((matrix, weights, under), labels, strict=True), 1):
        figure.add_trace(heatmap(values, "%{z:.3f}"), row=at, col=1)
        _print(figure, values, row=at, col=1)
        row_axis(figure, names, row=at, col=1)
        dimension_axis(figure, matrix.shape[1], row=at, col=1)
    frame(figure, (0, matrix.shape[1] - 1), (first, first + height - 1), row=1, col=1)
    for at, text in ((2, "× the filter's rows"), (3, "= products; the sum of each row on the left")):
        _above(figure, text, at)
    return figure


def _above(figure: go.Figure, text: str, row: int) -> None:
    axes = f"x{row} domain", f"y{row} domain"
    figure.add_annotation(
        text=text, x=0, y=1, xref=axes[0], yref=axes[1], xanchor="left", yanchor="bottom", showarrow=False
    )


def _sliding_title(under: np.ndarray, bias: float, first: int) -> str:
    total = float(under.sum()) + bias
    kept = "the ReLU lets it through" if total > 0 else "below zero, so the ReLU makes it 0"
    where = span(first, len(under))
    return f"{where[0].upper()}{where[1:]}: the filter answers {total:+.2f}, {kept}"


def responses(values: Sequence[float], height: int, films: Sequence[str], upto: int | None = None) -> go.Figure:
    """A filter over every window, before ReLU; the one that max pooling keeps is named.

    Args:
        upto: the last window looked at so far; those after it are left blank. None shows all.
    """
    values = np.array(values, float)
    seen = len(values) if upto is None else upto + 1
    best = int(values[:seen].argmax())
    figure = canvas(_response_title(values[:seen], height, len(values)), 100 + 38 * len(values))
    labels = [_window_label(first, height, films) for first in range(len(values))]
    shown = np.where(np.arange(len(values)) < seen, values, np.nan)
    bars = signed_bars(labels, shown, "%{y}: %{x:.3f}")
    bars.text = [_response_text(v, at == best) if at < seen else "not yet" for at, v in enumerate(values)]
    figure.add_trace(bars)
    bar_axes(figure, values, "response before ReLU", share=0.4)
    return figure


def _window_label(first: int, height: int, films: Sequence[str]) -> str:
    return positions(films)[first] if height == 1 else span(first, height)


def _response_text(value: float, best: bool) -> str:
    if not best:
        return f"{value:+.2f}"
    return f"<b>{value:+.2f} ★ kept</b>" if value > 0 else f"<b>{value:+.2f}, so 0</b>"


def _response_title(values: np.ndarray, height: int, windows: int) -> str:
    best, highest = int(values.argmax()), float(values.max())
    if len(values) < windows:
        return f"After {len(values)} of {windows} windows the highest answer is {highest:+.2f}, at {span(best, height)}"
    if highest <= 0:
        return "No window answers above zero: the filter is silent here"
    return f"Max pooling keeps {highest:+.2f}, from {span(best, height)}"


# ---- all filters at once


def grid(view: FilterView, chosen: tuple[int, int], film: str) -> go.Figure:
    """Every horizontal filter: how strongly it fires, and what it adds to a film's score.

    A row a filter, a column a height; marks, with the filters' names as customdata, can be clicked.
    """
    if not view.horizontal:
        return empty("This model has no horizontal filters")
    heights, n = max(f.height for f in view.horizontal), 1 + max(f.index for f in view.horizontal)
    activation, contribution = np.zeros((n, heights)), np.zeros((n, heights))
    for f in view.horizontal:
        activation[f.index, f.height - 1], contribution[f.index, f.height - 1] = f.activation, f.contribution
    names = ["fires with", "adds to the score"]
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.05, subplot_titles=names)
    figure.update_annotations(font_size=12)
    figure.update_layout(layout(_grid_title(view, film), 150 + 25 * n), margin_t=62)
    panels = (activation, theme.ACTIVATION), (contribution, theme.DIVERGING)
    for column, (values, scale) in enumerate(panels, 1):
        _panel(figure, column, values, activation > 0, scale)
        frame(figure, (chosen[0] - 1,) * 2, (chosen[1],) * 2, row=1, col=column)
    row_axis(figure, [str(j) for j in range(n)])
    figure.update_yaxes(title="filter", col=1)
    return figure


def _panel(figure: go.Figure, column: int, values: np.ndarray, alive: np.ndarray, scale: list) -> None:
    place = {"row": 1, "col": column}
    figure.add_trace(heatmap(values, "", scale, hoverinfo="skip"), **place)
    text = np.where(alive, np.vectorize(_bare if scale is theme.ACTIVATION else tiny)(values), "")
    figure.add_trace(_clickable(values, text if values.shape[1] <= PRINTED else None), **place)
    heights = values.shape[1]
    ticks = np.arange(heights)
    figure.update_xaxes(tickvals=ticks, ticktext=ticks + 1, title="height: films covered", **place)
    figure.update_xaxes(range=[-0.5, heights - 0.5], showgrid=False, zeroline=False, **place)


def _bare(value: float) -> str:
    return tiny(value).removeprefix("+")


def _clickable(values: np.ndarray, printed: np.ndarray | None) -> go.Scatter:
    j, h = np.indices(values.shape).reshape(2, -1)
    names = [filter_name(height, index) for height, index in zip(h + 1, j, strict=True)]
    return go.Scatter(
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
        return "No horizontal filter fires for these films"
    best = max(view.fired, key=lambda f: f.contribution)
    fired = f"{len(view.fired)} of {len(view.horizontal)} filters fire"
    return f"{fired}; {filter_name(best.height, best.index)} adds most to {short(film)} ({best.contribution:+.2f})"


# ---- one filter


def filter_weights(weights: np.ndarray, title: str, most: float | None = None) -> go.Figure:
    """A filter's weights, a row a film: float (h, d); `most` is the end of the colours' scale."""
    figure = canvas(title, 110 + 30 * len(weights))
    figure.add_trace(heatmap(weights, "%{y}, number %{x}: %{z:.3f}", most=most))
    _print(figure, weights)
    row_axis(figure, [f"row {row + 1}" for row in range(len(weights))])
    dimension_axis(figure, weights.shape[1], "number of the embedding")
    return figure


def affinity(genres: Sequence[str], difference: np.ndarray, p_value: np.ndarray) -> go.Figure:
    """What each row of a filter answers to, by genre; a star marks what is more than chance.

    Args:
        difference, p_value: float (h, genres), as in `GenreAffinity`.
    """
    if not len(genres):
        return empty("No genre has films enough to test")
    significant = p_value < SIGNIFICANCE
    order = np.argsort(-(np.abs(difference) * np.where(significant, 10, 1)).max(0), kind="stable")
    values, marks = difference[:, order].T, significant[:, order].T
    text = np.char.add(np.vectorize(tiny)(values), np.where(marks, "★", ""))
    figure = canvas(_affinity_title(genres, difference, significant), 130 + 24 * len(genres))
    figure.add_trace(
        heatmap(
            values,
            "row %{x}, %{y}: %{z:.2f} standard deviations, p = %{customdata:.3f}",
            x=np.arange(len(difference)),
            y=np.arange(len(genres)),
            customdata=p_value[:, order].T,
        )
    )
    figure.add_trace(numbers(values, 12, text))
    row_axis(figure, [genres[at] for at in order])
    ticks = np.arange(len(difference))
    figure.update_xaxes(
        tickvals=ticks, ticktext=[f"row {t + 1}" for t in ticks], side="top", showgrid=False, zeroline=False
    )
    return figure


def _affinity_title(genres: Sequence[str], difference: np.ndarray, significant: np.ndarray) -> str:
    if not significant.any():
        return "No row prefers a genre by more than chance"
    row, genre = np.unravel_index(int(np.where(significant, np.abs(difference), 0).argmax()), difference.shape)
    verb = "seeks" if difference[row, genre] > 0 else "shuns"
    return f"Row {row + 1} {verb} {genres[genre]} most clearly ({difference[row, genre]:+.1f} standard deviations)"


# ---- vertical filters


def vertical_weights(weights: np.ndarray, films: Sequence[str]) -> go.Figure:
    """Each vertical filter's weight a position: float (n_v, L), the oldest first."""
    figure = figures.vertical_weights(weights, films)
    if not weights.size:
        return figure
    size = np.abs(weights) / np.maximum(np.abs(weights).sum(1, keepdims=True), 1e-12)
    k, place = np.unravel_index(int(size.argmax()), size.shape)
    title = f"v{k} leans most on one position: {size[k, place]:.0%} of its weight is on film {place + 1}"
    row_axis(figure, [f"v{number}" for number in range(len(weights))])
    figure.update_yaxes(title=None)
    return figure.update_layout(title_text=title).update_xaxes(title="film, the oldest first")


def position_weights(size: np.ndarray, films: Sequence[str]) -> go.Figure:
    """The mean size of the vertical weights by position, the oldest first: float (L,)."""
    if not size.any():
        return empty("This model has no vertical filters")
    most = int(size.argmax())
    share = size / size.sum()
    where = "the most recent film" if most == len(size) - 1 else f"film {most + 1} of {len(size)}"
    title = f"On average the vertical filters heed {where} most: {share[most]:.0%} of all weight"
    figure = canvas(title, 110 + 36 * len(size))
    bars = signed_bars(positions(films), size, "%{y}: %{x:.3f}")
    bars.text = [f"<b>{part:.0%}</b>" for part in share]
    bars.marker.color = theme.CASER
    figure.add_trace(bars)
    bar_axes(figure, size, "mean size of a weight")
    return figure


def vertical_now(filters: Sequence[VerticalFilter], film: str) -> go.Figure:
    """What each vertical filter adds to a film's score now."""
    if not filters:
        return empty("This model has no vertical filters")
    values = np.array([f.contribution for f in filters])
    best = int(np.abs(values).argmax())
    title = f"Now the vertical filters add {values.sum():+.2f} to {short(film)}; v{best} moves it most"
    figure = canvas(title, 110 + 36 * len(values))
    figure.add_trace(signed_bars([f"v{f.index}" for f in filters], values, "%{y}: %{x:.3f}"))
    bar_axes(figure, values, "added to the score")
    return figure


# ---- the map of films


def film_map(
    found: FilmMap, labels: Sequence[str], path: Sequence[int], predictions: Sequence[int], target: int | None
) -> go.Figure:
    """Films on the plane that holds most of their spread, with the visitor's path and what is predicted.

    Args:
        labels: one a film, by dense id. path: watched, the oldest first. predictions: the best first.
    """
    figure = canvas(_map_title(found, labels, path, predictions), 520)
    others = found.films
    figure.add_trace(_films(found, others, labels, "other films", {"size": 5, "color": theme.GRID}))
    if path:
        figure.add_trace(_path(found, path, labels))
    if predictions:
        figure.add_trace(_predictions(found, predictions, labels))
    if target is not None:
        look = {"size": 16, "color": theme.TRUTH, "symbol": "star"}
        figure.add_trace(_films(found, [target], labels, "watched next", look))
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0})
    for axis, name in ((figure.update_xaxes, 0), (figure.update_yaxes, 1)):
        low, high = found.ends[name]
        ends = f": {low} ↔ {high}" if low else ""
        axis(title=f"{found.share[name]:.1%} of the variance{ends}", showgrid=False, zeroline=False)
        axis(showticklabels=False)
    return figure


def _films(found: FilmMap, items: Sequence[int], labels: Sequence[str], name: str, marker: dict) -> go.Scatter:
    return go.Scatter(
        x=found.place[items, 0],
        y=found.place[items, 1],
        name=name,
        mode="markers",
        marker=marker,
        text=[labels[i] for i in items],
        hovertemplate="%{text}<extra></extra>",
    )


def _path(found: FilmMap, path: Sequence[int], labels: Sequence[str]) -> go.Scatter:
    trace = _films(found, path, labels, "watched, in order", {"size": 20, "color": theme.CASER})
    return trace.update(
        mode="lines+markers+text",
        line={"color": theme.CASER, "width": 2},
        texttemplate=[f"<b>{number}</b>" for number in range(1, len(path) + 1)],
        textposition="middle center",
        marker_opacity=0.45,
    )


def _predictions(found: FilmMap, items: Sequence[int], labels: Sequence[str]) -> go.Scatter:
    trace = _films(
        found, items, labels, "predicted, by rank", {"size": 11, "color": theme.POSITIVE, "symbol": "diamond"}
    )
    return trace.update(
        mode="markers+text",
        texttemplate=[str(rank) for rank in range(1, len(items) + 1)],
        textposition="top center",
    )


def _map_title(found: FilmMap, labels: Sequence[str], path: Sequence[int], predictions: Sequence[int]) -> str:
    held = f"the two directions hold {sum(found.share):.0%} of the films' spread"
    if not path or not predictions:
        return f"A flat view of the films: {held}"
    away = np.linalg.norm(found.place[list(predictions)] - found.place[path[-1]], axis=1)
    near = predictions[int(away.argmin())]
    return f"Of what is predicted, {short(labels[near])} lies nearest to the last film here; {held}"


# ---- switching off, and forming


def ablation(table: AblationTable, names: Sequence[str], metric: str, words: Mapping[str, str]) -> go.Figure:
    """What switching things off does to a test metric, with 95 % margins.

    Args:
        names: of the table's switches, in the order to draw. words: how to call them.
    """
    rows = {row.switch.name: row for row in table.rows}
    shown = [rows[name] for name in names if name in rows]
    if not shown:
        return empty("Nothing of this model can be switched off")
    figure = canvas(_ablation_title(shown, metric, words), 130 + 34 * len(shown))
    change = 100 * np.array([row.change[metric] for row in shown])
    margin = 100 * np.array([row.margin[metric] for row in shown])
    sure = np.abs(change) > margin
    figure.add_trace(
        go.Scatter(
            x=change,
            y=[words[row.switch.name] for row in shown],
            error_x={"type": "data", "array": margin, "thickness": 2, "width": 4, "color": theme.POPULARITY},
            mode="markers+text",
            text=[f"{c:+.1f}" for c in change],
            textposition="top center",
            marker={
                "size": 11,
                "color": [theme.POPULARITY if not s else h for s, h in zip(sure, _hues(change), strict=True)],
                "symbol": np.where(sure, "circle", "circle-open"),
            },
            customdata=margin,
            hovertemplate="%{y} off: %{x:+.2f} ± %{customdata:.2f} points<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": theme.POPULARITY, "width": 1, "dash": "dot"})
    figure.update_xaxes(title=f"change of {METRIC_LABELS[metric]} in points", gridcolor=theme.GRID, zeroline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _hues(change: np.ndarray) -> list[str]:
    return [theme.POSITIVE if value > 0 else theme.NEGATIVE for value in change]


def _ablation_title(shown: Sequence[Ablation], metric: str, words: Mapping[str, str]) -> str:
    worst = min(shown, key=lambda row: row.change[metric])
    name, change, margin = words[worst.switch.name], 100 * worst.change[metric], 100 * worst.margin[metric]
    label = METRIC_LABELS[metric]
    if -change <= margin:
        return f"No switch costs more {label} than chance could explain"
    return f"{label} suffers most without {name}: {change:+.1f} points (± {margin:.1f})"


def forming(likeness: Mapping[int, np.ndarray], chosen: int, name: str) -> go.Figure:
    """How like their final weights the filters are, by epoch: cosines, float (n_filters,) an epoch.

    Args:
        chosen: which of the filters is called `name`; the others are summed up by their median.
    """
    epochs = list(likeness)
    one = np.array([likeness[epoch][chosen] for epoch in epochs])
    middle = np.array([np.median(likeness[epoch]) for epoch in epochs])
    figure = canvas(_forming_title(epochs, one, name), 300)
    for label, values, hue, dash in (
        (f"filter {name}", one, theme.CASER, "solid"),
        ("median filter", middle, theme.POPULARITY, "dot"),
    ):
        figure.add_trace(
            go.Scatter(
                x=epochs,
                y=values,
                name=label,
                mode="lines+markers",
                line={"color": hue, "dash": dash, "width": 3},
                hovertemplate=f"{label}, epoch %{{x}}: cosine %{{y:.2f}}<extra></extra>",
            )
        )
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    figure.update_xaxes(title="epoch (0 is before training)", tickvals=epochs, gridcolor=theme.GRID, zeroline=False)
    figure.update_yaxes(title="cosine with the end", gridcolor=theme.GRID, zeroline=False)
    return figure


def _forming_title(epochs: Sequence[int], likeness: np.ndarray, name: str) -> str:
    start = float(likeness[0])
    if start >= 0.5:
        return f"Filter {name} keeps much of its random start: a cosine of {start:.2f} with its end before any training"
    there = next((epoch for epoch, value in zip(epochs, likeness, strict=True) if value >= 0.9), epochs[-1])
    when = "1 epoch" if there == 1 else f"{there} epochs"
    return f"Filter {name} turns away from its random start (cosine {start:.2f}); after {when} it is above 0.9"
