"""Figures of ranks that move: a list before and after a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    bare_axis,
    empty,
    figure,
    scatter,
)
from caser.dashboard.names import rank_words, short
from caser.words import W


@dataclass(frozen=True)
class Move:
    """A film's rank before and after a change, 1 is first; `before` or `after` may be far down."""

    film: str
    before: float
    after: float


def moves(ranks_before: np.ndarray, ranks_after: np.ndarray, labels: Sequence[str], k: int) -> list[Move]:
    """The films that are among the first k before or after, in the order before.

    Args:
        ranks_before, ranks_after: float (n_items,), inf for films that are not ranked.
    """
    either = np.flatnonzero((ranks_before <= k) | (ranks_after <= k))
    order = either[np.lexsort((ranks_after[either], ranks_before[either]))]
    return [Move(labels[i], float(ranks_before[i]), float(ranks_after[i])) for i in order]


def rank_moves(
    film_moves: Sequence[Move], k: int, what: str, sides: tuple[str, str] = ("before", "after")
) -> go.Figure:
    """Ranks before, on the left, and after, on the right, one line for each film.

    Args:
        k: ranks beyond it are drawn below the line, in order. what: the change in words, for the title.
    """
    if not film_moves:
        return empty(f"No {W.film} is listed")
    left, right = _places([m.before for m in film_moves], k), _places([m.after for m in film_moves], k)
    depth = max(*left, *right)
    traces = []
    for sign in (1, -1, 0):
        chosen = [at for at, move in enumerate(film_moves) if np.sign(_rise(move)) == sign]
        if chosen:
            traces.append(_move_lines([film_moves[at] for at in chosen], left[chosen], right[chosen], sign))
    return figure(
        f"{what}: {moves_said(film_moves, k)}",
        110 + round(26 * depth),
        traces,
        shapes=[_listed_until(k)] if depth > k else [],
        xaxis=bare_axis(tickvals=[0, 1], ticktext=[f"<b>{side}</b>" for side in sides], side="top", range=[-2.3, 3.1]),
        yaxis={"visible": False, "range": [depth + 0.6, 0.4]},
    )


def _listed_until(k: int) -> dict:
    """A line under the k-th rank."""
    line = {"color": theme.NEUTRAL, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": k + 0.5, "y1": k + 0.5, "line": line}


def _places(ranks: Sequence[float], k: int) -> np.ndarray:
    """Heights to draw at: one below the other, by rank, those beyond k below the line; ties never on one height."""
    ranks = np.array(ranks)
    order = np.argsort(np.argsort(ranks, kind="stable"), kind="stable")  # how many come before
    listed = int((ranks <= k).sum())
    return np.where(ranks > k, k + 1 + order - listed, 1 + order)


def _rise(move: Move) -> float:
    return 0.0 if move.before == move.after else move.before - move.after


def _move_lines(film_moves: Sequence[Move], left: np.ndarray, right: np.ndarray, sign: int) -> dict:
    """The films that go one way, as one trace with gaps between its lines."""
    hue, arrow = {1: (theme.POSITIVE, "▲"), -1: (theme.NEGATIVE, "▼"), 0: (theme.NEUTRAL, "=")}[sign]
    y, text, hover = [], [], []
    for move, y0, y1 in zip(film_moves, left.tolist(), right.tolist(), strict=True):
        before, after = rank_words(move.before), rank_words(move.after)
        y += [y0, y1, None]
        text += [f"{short(move.film, 26)}  <b>{before}</b> ", f" <b>{after}</b> {arrow} {short(move.film, 25)}", ""]
        hover += [f"{move.film}: {before} → {after}"] * 2 + [""]
    return scatter(
        x=[0, 1, None] * len(film_moves),
        y=y,
        mode="lines+markers+text",
        line={"color": hue, "width": 3 if sign else 1.5, "dash": "solid" if sign else "dot"},
        marker={"size": 8},
        text=text,
        textposition=["middle left", "middle right", "middle right"] * len(film_moves),
        textfont={"size": 11},
        cliponaxis=False,
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
    )


def moves_said(film_moves: Sequence[Move], k: int) -> str:
    """What happened to the first k, in words."""
    listed = [m for m in film_moves if m.before <= k]
    moved = sum(m.before != m.after for m in listed)
    if not moved and len(listed) == len(film_moves):
        return f"the first {len(listed)} stay as they are"
    new = [m for m in film_moves if m.before > k]
    entered = f"; {len(new)} new in the list" if new else ""
    fallen = max(listed, key=lambda m: m.after - m.before)
    if fallen.after <= fallen.before:
        return f"{moved} of {len(listed)} {W.films} move{entered}"
    where = f"from {rank_words(fallen.before)} to {rank_words(fallen.after)}"
    return f"{moved} of {len(listed)} {W.films} move{entered}; {short(fallen.film)} falls most, {where}"
