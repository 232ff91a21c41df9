"""Figures of one film's score: what adds up to it, what each film is worth, and how ranks move.

As in `figures`: results in, a plotly Figure out, titles that state what the data say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import (
    LEGEND_ABOVE,
    axis,
    bar_axes,
    empty,
    figure,
    scatter,
    signed_bars,
    upright,
)
from caser.dashboard.names import capital, no_film, positions, rank_words, short
from caser.explain.counterfactual import Masked, OrderEffect, Shapley
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


def shapley(
    worth: Shapley, films: Sequence[str], film: str, beside: Mapping[str, float] = MappingProxyType({})
) -> go.Figure:
    """Each recent film's fair share of what they all add to a score.

    Args:
        beside: the score's parts that are no film's, by name; the title names those that are larger than all films.
    """
    places = [place for place, name in enumerate(films) if name != no_film()]
    values, margin = np.array(worth.values)[places], np.array(worth.margin)[places]
    if not np.abs(values).any():
        return empty(f"No recent {W.film} changes the score of {short(film)}")
    most = int(values.argmax())
    gain = worth.full - worth.empty
    title = (
        f"{short(films[places[most]], 34)} is worth {values[most]:+.2f} of the {gain:+.2f} that the "
        f"{W.films} add together"
    )
    title += "".join(f"; {value:+.2f} is from {name}" for name, value in beside.items() if abs(value) > abs(gain))
    labels = positions(films)
    bars = signed_bars([labels[place] for place in places], values, "%{y}: %{x:+.3f}")
    if not worth.exact:
        bars["error_x"] = {"type": "data", "array": margin}
    return figure(title, 54 + 34 * len(values), [bars], **bar_axes(values))


def order_effect(effect: OrderEffect, film: str) -> go.Figure:
    """A film's score in the actual order among those in every order of the same films."""
    if effect.orders < 2:
        return empty(f"With fewer than two {W.films} there is no order to change")
    scores = effect.scores
    bars = {
        "type": "histogram",
        "x": scores,
        "nbinsx": 30,
        "marker": {"color": theme.NEUTRAL},
        "opacity": 0.75,
        "hovertemplate": "score %{x}: %{y} orders<extra></extra>",
    }
    middle = (scores.min() + scores.max()) / 2
    marks = (
        (effect.score, theme.ACCENT, "solid", f"<b>this order {effect.score:.2f}</b>", 1.02),
        (effect.mean, theme.NEUTRAL, "dash", f"mean {effect.mean:.2f}", 1.14),
    )
    return figure(
        _order_title(effect, film),
        300,
        [bars],
        shapes=[upright(value, hue, dash, 3) for value, hue, dash, _, _ in marks],
        annotations=[
            {
                "x": value,
                "y": place,
                "yref": "paper",
                "yanchor": "bottom",
                "xanchor": "left" if value <= middle else "right",
                "text": words,
                "showarrow": False,
            }
            for value, _, _, words, place in marks
        ],
        xaxis=axis(f"score of {short(film, 30)}"),
        yaxis=axis("orders"),
        bargap=0.06,
        margin={"t": 84},
    )


def _order_title(effect: OrderEffect, film: str) -> str:
    if np.ptp(effect.scores) <= 1e-5 * max(1.0, abs(effect.score)):
        return f"Order makes no difference to {short(film)}"
    now, usual = rank_words(effect.rank), rank_words(effect.median_rank)
    if now == usual:
        return f"{short(film)} is ranked {now} now, and in the median order too"
    verb = "lifts" if effect.rank < effect.median_rank else "lowers"
    return f"This order {verb} {short(film)} to rank {now}; over all orders the median is {usual}"


def masking(subsets: Sequence[Masked], films: Sequence[str], film: str) -> go.Figure:
    """A film's rank with every subset of the recent films dropped, by how many those are.

    Args:
        subsets: of every subset, nothing dropped first. films: a name for each position.
    """
    if len(subsets) < 2:
        return empty(f"No {W.films} to drop")
    dropped = [" and ".join(films[at] for at in m.dropped) or "nothing" for m in subsets]
    marks = scatter(
        x=[len(m.dropped) for m in subsets],
        y=[m.rank for m in subsets],
        mode="markers",
        marker={"size": 9, "color": theme.ACCENT, "opacity": 0.7},
        customdata=dropped,
        hovertemplate="without %{customdata}: rank %{y:,}<extra></extra>",
    )
    most = max(m.rank for m in subsets)
    return figure(
        _masking_title(subsets, films, film),
        260,
        [marks],
        xaxis=axis(f"{W.films} dropped", dtick=1),
        yaxis=axis("rank (log scale)", type="log", dtick=1, range=[np.log10(most) + 0.1, -0.1]),
    )


def _masking_title(subsets: Sequence[Masked], films: Sequence[str], film: str) -> str:
    whole, single = subsets[0].rank, [m for m in subsets if len(m.dropped) == 1]
    best = max(single, key=lambda m: abs(np.log(m.rank / whole)))
    if best.rank == whole:
        return f"Dropping any one {W.film} does not move {short(film)}"
    without = short(films[best.dropped[0]], 30)
    return f"Without {without}, {short(film)} goes from rank {rank_words(whole)} to {rank_words(best.rank)}"


def who_and_what(parts: Parts, items: Sequence[int], labels: Sequence[str], user: str) -> go.Figure:
    """The parts of the listed films' scores: what was watched, who is watching, the film's own.

    Bars carry their film's dense id as customdata, so that they can be clicked.

    Args:
        items: dense, in rank order. labels: one for each film of the catalogue. user: whose part it is, in words.
    """
    if not len(items):
        return empty(f"No {W.film} is listed")
    names = [f"{rank} · {short(labels[i], 24)}" for rank, i in enumerate(items, 1)]
    sources = (
        (parts.films, f"the {W.films} {W.watched}", theme.ACCENT, ""),
        (parts.user, user, theme.MARK, "/"),
        (parts.network, "the network's constant", theme.NEUTRAL, "x"),
        (parts.bias, f"the {W.film}'s own constant", theme.NEUTRAL, "."),
    )
    return figure(
        _who_title(parts, items, user),
        130 + 30 * len(names),
        [
            {
                "type": "bar",
                "y": names,
                "x": values[list(items)],
                "name": name,
                "orientation": "h",
                "customdata": list(items),
                "marker": {"color": hue, "pattern": _stripes(pattern)},
                "hovertemplate": f"{name}: %{{x:+.2f}}<extra>%{{y}}</extra>",
            }
            for values, name, hue, pattern in sources
        ],
        showlegend=True,
        legend=LEGEND_ABOVE,
        barmode="relative",
        bargap=0.3,
        xaxis=axis("part of the score", zeroline=True, zerolinecolor=theme.NEUTRAL),
        yaxis={"autorange": "reversed", "showgrid": False},
    )


def _stripes(shape: str) -> dict:
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "white", "solidity": 0.15}


def _who_title(parts: Parts, items: Sequence[int], user: str) -> str:
    chosen = list(items)
    means = {
        f"the {W.films} {W.watched}": float(parts.films[chosen].mean()),
        user: float(parts.user[chosen].mean()),
        "constants": float((parts.network + parts.bias)[chosen].mean()),
    }
    first, *others = sorted(means.items(), key=lambda part: -abs(part[1]))
    then = " and ".join(f"{value:+.2f} from {name}" for name, value in others)
    return f"The scores come mostly from {first[0]}: {first[1]:+.2f} on average, then {then}"
