"""What does the work in a Caser: a row for each change to it; what is said of them is `caser.field.works`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import LEGEND_ABOVE, bare_axis, change_axis, empty, figure, scatter
from caser.dashboard.names import short
from caser.dashboard.theme import Look
from caser.evaluation import METRICS
from caser.field.effects import ANEW, BASELINE, COUNTING, FILMS, MEAN, OFF, SHUFFLED, Effect, Works
from caser.field.works import part_name
from caser.words import W

LINE = 38  # pixels
_LOOKS = {  # of what is no model of its own: symbol, open where nothing is taken out by zero
    OFF: ("circle", theme.NEGATIVE, "taken out of the trained model"),
    MEAN: ("circle-open", theme.NEGATIVE, "its mean in its place"),
    ANEW: ("diamond-open", theme.ACCENT, "trained without it"),
    SHUFFLED: ("x", theme.MARK, "every window shuffled"),
}


def chart(works: Works, name: str, looks: Mapping[str, Look] | None = None) -> go.Figure:
    """What each change does, in a row each, with 95 % intervals of the paired difference; zero is the whole model.

    Args:
        name: the model's. looks: of the other models, by name.
    """
    if not works.effects:
        return empty("Nothing has been measured yet")
    places, labels = _places(works.effects)
    kinds = [(*_LOOKS[kind][:2], _legend(kind, works.of(kind)), works.of(kind)) for kind in _LOOKS if works.of(kind)]
    for other in works.of(COUNTING) + works.of(BASELINE):
        kinds.append((looks[other.name].symbol, looks[other.name].hue, other.name, [other]))
    lines = max(places.values()) + 1
    return figure(
        _title(works, name),
        90 + LINE * lines,
        [
            _marks(effects, [places[works.effects.index(one)] for one in effects], works.metric, symbol, hue, label)
            for symbol, hue, label, effects in kinds
        ],
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=change_axis(METRICS[works.metric], "change", range=_range(works)),
        yaxis=bare_axis(
            tickvals=list(labels), ticktext=[short(text, 22) for text in labels.values()], range=[lines - 0.5, -0.9]
        ),
    )


def _places(effects: Sequence[Effect]) -> tuple[dict[int, int], dict[float, str]]:
    """The line of every effect, one each so that no numbers meet, and what stands in the middle of a row's lines."""
    rows: dict[str, list[int]] = {}
    for at, effect in enumerate(effects):
        rows.setdefault(_row(effect), []).append(at)
    order = [at for found in rows.values() for at in found]
    places = {at: line for line, at in enumerate(order)}
    return places, {sum(places[at] for at in found) / len(found): row for row, found in rows.items()}


def _legend(kind: str, effects: Sequence[Effect]) -> str:
    """What a mark stands for, and of how many trainings or shuffles it is the mean."""
    times = min(effect.times for effect in effects)
    number = f"{times} trainings" if times > 1 else "one training"
    return f"{_LOOKS[kind][2]} ({number})" if kind == ANEW else _LOOKS[kind][2]


def _row(effect: Effect) -> str:
    if effect.parts:
        without = {"h": "no horizontal filters", "v": "no vertical filters", "p": f"no {W.viewer}", FILMS: "no filters"}
        return without[effect.parts]
    if effect.kind == SHUFFLED:
        return f"{effect.times} random orders" if effect.times > 1 else "one random order"
    return f"{effect.name} instead"


def _range(works: Works) -> list[float]:
    bounds = [0.0, *(bound for one in works.effects for bound in (one.change, one.low, one.high))]
    low, high = float(np.nanmin(bounds)), float(np.nanmax(bounds))
    room, scale = 0.14 * ((high - low) or 1.0), METRICS[works.metric].scale
    return [scale * (low - room), scale * (high + room)]


def _marks(effects: Sequence[Effect], lines: Sequence[int], metric: str, symbol: str, hue: str, label: str) -> dict:
    """The effects of one kind, each with its number."""
    scale = METRICS[metric].scale
    change = [scale * effect.change for effect in effects]
    return scatter(
        name=label,
        x=change,
        y=list(lines),
        showlegend=bool(effects[0].parts),  # rows say what else there is
        error_x={
            "type": "data",
            "array": [scale * (effect.high - effect.change) for effect in effects],
            "arrayminus": [scale * (effect.change - effect.low) for effect in effects],
            "thickness": 2,
            "width": 4,
        },
        mode="markers+text",
        text=[f"<b>{METRICS[metric].signed(effect.change)}</b>" for effect in effects],
        textposition="top center",
        textfont={"size": 11},
        cliponaxis=False,
        marker={"size": 10, "color": hue, "symbol": symbol, "line": {"width": 2, "color": hue}},
        customdata=[[scale * effect.low, scale * effect.high] for effect in effects],
        hovertemplate=f"{label}: %{{x:+.3g}} (95 % interval %{{customdata[0]:+.3g}} to %{{customdata[1]:+.3g}})"
        "<extra></extra>",
    )


def _title(works: Works, name: str) -> str:
    """Which part does most, where that is sure."""
    whole = f"{name} whole: {METRICS[works.metric].label} {METRICS[works.metric].said(works.whole)}"
    if not works.shares or not works.ahead.sure or not works.shares[0].sure:
        return whole
    first = works.shares[0].parts
    return f"In the trained {name}, {part_name(first)} {'does' if first == 'p' else 'do'} most"
