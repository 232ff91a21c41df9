"""Figures of what the rows of a filter respond to, and the evidence for a row's name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import axis, bare_axis, empty, figure, heatmap, numbers, row_axis, scatter
from caser.dashboard.names import literal
from caser.explain.concepts import Concept, ConceptTest, RowName
from caser.explain.random_filters import SIGNIFICANCE
from caser.words import W

SHOWN = 10  # concepts drawn: those that explain most


def row_concepts(test: ConceptTest, height: int, index: int) -> go.Figure:
    """How much of each row's responses each concept explains, negative where the row shuns it."""
    rows = test.rows(height, index)
    share, sure = test.share[rows], test.p_value[rows] < SIGNIFICANCE
    if not share.size:
        return empty(f"There are no details of the {W.films} to test a row for")
    order = np.argsort(-np.where(sure, share + 1, share).max(0), kind="stable")[:SHOWN]
    signed = (np.sign(test.correlation[rows]) * share)[:, order].T  # (shown, h)
    text = np.char.add(np.vectorize(_share)(signed), np.where(sure[:, order].T, "★", ""))
    places = np.arange(height)
    drawn = heatmap(
        signed,
        "row %{x}, %{y}: %{z:.1%} of its variance, p = %{customdata:.3f}",
        x=places,
        y=np.arange(len(order)),
        customdata=test.p_value[rows][:, order].T,
    )
    return figure(
        _title(test, height, index),
        130 + 24 * len(order),
        [drawn, numbers(signed, 12, text)],
        xaxis=bare_axis(tickvals=places, ticktext=[f"row {row + 1}" for row in places], side="top"),
        yaxis=row_axis([literal(test.concepts[at].seeks) for at in order]),
    )


def _share(value: float) -> str:
    return f"{100 * value:+.0f} %" if abs(value) >= 0.005 else "0"


def _title(test: ConceptTest, height: int, index: int) -> str:
    if test.held_out is None:
        return "How much each concept explains; random filters were not compared"
    named = [name for name in test.row_names(height, index) if name]
    if not named:
        return "No concept explains a row better than random filters"
    best, random = max(named, key=lambda name: name.share), test.held_out.random.share_95[height - 1]
    return f"Row {best.row + 1} seeks {best.text}: {best.share:.0%} of held-out responses, random up to {random:.0%}"


def evidence(name: RowName, values: np.ndarray, responses: np.ndarray, titles: Sequence[str]) -> go.Figure:
    """A row's response to every film and what it is named for, one mark per film.

    Args:
        values: float (n,), how much of the concept each film has. responses: float (n,). titles: the films'.
    """
    concept = name.concept
    x, ticks = _across(concept, values)
    marks = scatter(
        x=x,
        y=responses,
        mode="markers",
        marker={"color": theme.ACCENT, "size": 5, "opacity": 0.45},
        hovertext=list(titles),
        hovertemplate="%{hovertext}: %{y:.2f}<extra></extra>",
    )
    groups = _groups(concept, values)
    means = [float(responses[group].mean()) for group, _ in groups]
    spots = [float(x[group].mean()) for group, _ in groups]
    line = scatter(
        x=spots,
        y=means,
        mode="lines+markers",
        line={"color": theme.MARK, "width": 2},
        marker={"color": theme.MARK, "size": 9, "symbol": "diamond"},
        hovertext=[words for _, words in groups],
        hovertemplate="mean of %{hovertext}: %{y:.2f}<extra></extra>",
    )
    title = f"Row {name.row + 1} responds {_more(concept, means)}"
    return figure(title, 330, [marks, line], xaxis=axis("", **ticks), yaxis=axis(f"response to {W.a_film}"))


def _across(concept: Concept, values: np.ndarray) -> tuple[np.ndarray, dict]:
    """Where marks stand from left to right, and the axis's labels."""
    if concept.graded:
        return values, {"tickvals": [0.02, 0.98], "ticktext": [concept.shuns, concept.seeks]}
    spread = (np.arange(len(values)) * 0.618) % 1 - 0.5  # side by side, without chance
    return values + 0.7 * spread, {"tickvals": [0, 1], "ticktext": [f"other {W.films}", concept.seeks]}


def _groups(concept: Concept, values: np.ndarray) -> list[tuple[np.ndarray, str]]:
    """The films whose means are drawn: fifths of a graded concept, else those without and with it."""
    if not concept.graded:
        return [(values == has, words) for has, words in ((0, f"other {W.films}"), (1, concept.seeks))]
    fifths = np.array_split(np.argsort(values, kind="stable"), 5)
    return [(part, f"fifth {number} of 5") for number, part in enumerate(fifths, 1) if len(part)]


def _more(concept: Concept, means: Sequence[float]) -> str:
    """In words what the means say."""
    rises = means[-1] >= means[0]
    if concept.graded:
        ends = (concept.seeks, concept.shuns) if rises else (concept.shuns, concept.seeks)
        return f"more to {ends[0]} than to {ends[1]}: {means[-1]:+.2f} and {means[0]:+.2f} on average at the ends"
    return (
        f"{'more' if rises else 'less'} to {concept.seeks} than to other {W.films}: {means[1]:+.2f} "
        f"and {means[0]:+.2f} on average"
    )
