"""Figures of one film's score: what adds up to it, what each film is worth, and how ranks move.

As in `figures`: results in, a plotly Figure out, titles that state what the data say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    axis,
    bar_axes,
    empty,
    figure,
    signed_bars,
)
from caser.dashboard.figures.recommend.rank_moves import moves, moves_said
from caser.dashboard.names import capital, no_film, positions, rank_words, short
from caser.explain.counterfactual import Shapley
from caser.explain.explanation import Contributions, Parts
from caser.words import W


def waterfall(steps: Mapping[str, float], film: str, title: str) -> go.Figure:
    """Steps that add up to a film's score, from zero, the first on top."""
    values = np.array([*steps.values()])
    labels = [*steps, f"score of {short(film, 16)}"]
    bars = {
        "type": "waterfall",
        "orientation": "h",
        "y": labels,
        "x": [*values, values.sum()],
        "measure": ["relative"] * len(values) + ["total"],
        "text": [f"<b>{value:+.2f}</b>" for value in (*values, values.sum())],
        "textposition": "outside",
        "cliponaxis": False,
        "increasing": {"marker": {"color": theme.POSITIVE}},
        "decreasing": {"marker": {"color": theme.NEGATIVE}},
        "totals": {"marker": {"color": theme.ACCENT}},
        "connector": {"line": {"color": theme.GRID, "width": 1}},
        "hovertemplate": "%{y}: %{delta:+.3f}<extra></extra>",
    }
    reached = np.concatenate([[0.0], np.cumsum(values)])
    return figure(title, 54 + 40 * len(labels), [bars], **bar_axes(np.array([reached.min(), reached.max()])))


def contribution_steps(
    contributions: Contributions, films: Sequence[str], called: Mapping[str, str]
) -> dict[str, float]:
    """The steps of a waterfall: one per film, then the other parts; padding and what adds nothing are left out.

    Args:
        called: what to call the parts "user", "network" and "constant".
    """
    steps = {
        label: value
        for label, value, film in zip(positions(films), contributions.positions, films, strict=True)
        if film != no_film()
    }
    rest = {words: getattr(contributions, part) for part, words in called.items()}
    return steps | {words: value for words, value in rest.items() if value}


def contribution_title(steps: Mapping[str, float], total: float) -> str:
    """Which of all parts of a score moved it most."""
    most = max(steps, key=lambda name: abs(steps[name]), default="")
    if not most or not steps[most]:
        return "Nothing moves this score"
    return f"{capital(most)} moved the score most ({steps[most]:+.2f} of {total:+.2f})"


def shapley(worth: Shapley, films: Sequence[str], film: str) -> go.Figure:
    """Each recent film's fair share of what they all add to a score."""
    places = [place for place, name in enumerate(films) if name != no_film()]
    values, margin = np.array(worth.values)[places], np.array(worth.margin)[places]
    if not np.abs(values).any():
        return empty(f"No recent {W.film} changes the score of {short(film)}")
    most = int(values.argmax())
    title = (
        f"{short(films[places[most]], 34)} is worth {values[most]:+.2f} of the {worth.full - worth.empty:+.2f} that "
        f"the {W.films} add together"
    )
    labels = positions(films)
    bars = signed_bars([labels[place] for place in places], values, "%{y}: %{x:+.3f}")
    if not worth.exact:
        bars["error_x"] = {"type": "data", "array": margin}
    return figure(title, 54 + 34 * len(values), [bars], **bar_axes(values))


def who_and_what(
    parts: Parts, ranks: tuple[np.ndarray, np.ndarray], labels: Sequence[str], k: int, what: str, user: str
) -> go.Figure:
    """The first k films, how far each moved, and its score's parts: what was watched, who is watching, the film's own.

    Bars carry their film's dense id as customdata, so that they can be clicked.

    Args:
        parts: as weighed. ranks: of all films, as trained and as weighed, float (n_items,). labels: one for each film.
        what: the weight in words, for the title. user: whose part it is, in words.
    """
    before, after = ranks
    items = [int(item) for item in np.argsort(after, kind="stable")[:k] if np.isfinite(after[item])]
    if not items:
        return empty(f"No {W.film} is listed")
    names = [f"{rank_words(after[i])} · {short(labels[i], 24)}{_moved(before[i] - after[i])}" for i in items]
    sources = (
        (parts.films, f"the {W.films} {W.watched}", theme.ACCENT, ""),
        (parts.user, user, theme.MARK, "/"),
        (parts.network, "the network's constant", theme.NEUTRAL, "x"),
        (parts.bias, f"the {W.film}'s own constant", theme.NEUTRAL, "."),
    )
    same = np.array_equal(before, after)
    moved = _who_title(parts, items, user) if same else moves_said(moves(before, after, labels, k), k)
    return figure(
        f"{what}: {moved}",
        130 + 30 * len(names),
        [_part_bars(names, items, *source) for source in sources],
        showlegend=True,
        legend=LEGEND_ABOVE,
        barmode="relative",
        bargap=0.3,
        xaxis=axis("part of the score", zeroline=True, zerolinecolor=theme.NEUTRAL),
        yaxis={"autorange": "reversed", "showgrid": False},
    )


def _part_bars(names: list[str], items: list[int], values: np.ndarray, name: str, hue: str, pattern: str) -> dict:
    """One part of each film's score."""
    return {
        "type": "bar",
        "y": names,
        "x": values[items],
        "name": name,
        "orientation": "h",
        "customdata": items,
        "marker": {"color": hue, "pattern": _stripes(pattern)},
        "hovertemplate": f"{name}: %{{x:+.2f}}<extra>%{{y}}</extra>",
    }


def _moved(places: float) -> str:
    """How far a film rose or fell.

    >>> _moved(3.0), _moved(-0.5), _moved(0.0)
    (' ▲3', ' ▼0.5', '')
    """
    return f" {'▲' if places > 0 else '▼'}{rank_words(abs(places))}" if places else ""


def _stripes(shape: str) -> dict:
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "white", "solidity": 0.15}


def _who_title(parts: Parts, items: list[int], user: str) -> str:
    means = {
        f"the {W.films} {W.watched}": float(parts.films[items].mean()),
        user: float(parts.user[items].mean()),
        "constants": float((parts.network + parts.bias)[items].mean()),
    }
    first, *others = sorted(means.items(), key=lambda part: -abs(part[1]))
    then = " and ".join(f"{value:+.2f} from {name}" for name, value in others)
    return f"scores come mostly from {first[0]}, {first[1]:+.2f} on average, then {then}"
