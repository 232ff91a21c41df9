"""What does the work in a Caser: its parts switched off and left out, its windows shuffled, and other models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from caser.dashboard import theme
from caser.dashboard.figures.plot import LEGEND_ABOVE, axis, bare_axis, empty, figure, scatter
from caser.dashboard.names import short
from caser.dashboard.theme import Look
from caser.dashboard.words import W, spoken
from caser.evaluation import METRICS

LINE = 38  # pixels
PARTS = {"h": "the horizontal filters", "v": "the vertical filters", "p": "who is watching"}
OFF, ANEW, SHUFFLED, COUNTING, BASELINE = "off", "anew", "shuffled", "counting", "baseline"
_LOOKS = {  # of what is no model of its own: symbol, open where it was trained anew
    OFF: ("circle", theme.NEGATIVE, "switched off in the trained model"),
    ANEW: ("diamond-open", theme.ACCENT, "trained from scratch without it"),
    SHUFFLED: ("x", theme.MARK, "every window shuffled"),
}


@dataclass(frozen=True)
class Effect:
    """What a change does to the metric: its mean over users minus the whole model's, with its 95 % interval.

    Attributes:
        kind: `OFF`, `ANEW`, `SHUFFLED`, or another model: `COUNTING`, `BASELINE`. part: h, v or p; else "".
        name, look, by: of the other model, and what it goes by, in words.
    """

    kind: str
    change: float
    low: float
    high: float
    part: str = ""
    name: str = ""
    look: Look | None = None
    by: str = ""

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def costs(self) -> bool:
        """Whether the metric surely falls."""
        return self.high < 0


@dataclass(frozen=True)
class Works:
    """What does the work in the model `name`, whose own mean is `whole`."""

    name: str
    metric: str
    whole: float
    effects: tuple[Effect, ...]

    def of(self, kind: str) -> list[Effect]:
        """The effects of one kind."""
        return [effect for effect in self.effects if effect.kind == kind]


def sentence(works: Works) -> str:
    """What does the work, in full; what was not measured is not spoken of."""
    parts = [_off_and_anew(works), _better(works), _shuffled(works), _counted(works)]
    return " ".join(f"{part}." for part in parts if part)


def summary(works: Works) -> str:
    """What does the work, in short."""
    off, shuffled, share = works.of(OFF), works.of(SHUFFLED), lead_share(works)
    said_of = []
    if off:
        said_of.append(_switched_off(works, off))
    if shuffled:
        said_of.append(f"The {W.films} in random order cost {_cost(works, shuffled[0])}")
    if share is not None:
        counting, baseline = works.of(COUNTING)[0], works.of(BASELINE)[0]
        said_of.append(f"{counting.name}, which {counting.by}, has {_lead(share)} over {baseline.name}")
    return " ".join(f"{one}." for one in said_of)


def _switched_off(works: Works, off: Sequence[Effect]) -> str:
    """What every part costs when it is switched off, the costliest first."""
    whole = f"{METRICS[works.metric].label} ({METRICS[works.metric].said(works.whole)} as it is)"
    first, *rest = sorted(off, key=lambda effect: effect.change)
    if not first.costs:
        return f"No part of the trained model costs more {whole} than chance would when it is switched off"
    who, it = spoken(PARTS[first.part]), "it" if first.part == "p" else "they"
    alone = rest and first.change < sum(min(one.change, 0) for one in rest)
    most = "most of the work" if alone else "the most work"
    others = "".join(f", {spoken(PARTS[one.part])} {_cost(works, one)}" for one in rest)
    return (
        f"In the trained model {who} {'does' if first.part == 'p' else 'do'} {most}: switched off, {it} {_verb(first)} "
        f"{_cost(works, first)} of {whole}{others}"
    )


def lead_share(works: Works) -> float | None:
    """How much of the lead over the baseline the counting model has; None where there is no clear lead, or no such."""
    counting, baseline = works.of(COUNTING), works.of(BASELINE)
    if not counting or not baseline or baseline[0].high >= 0:
        return None
    return 1 - counting[0].change / baseline[0].change


def _costliest(effects: Sequence[Effect]) -> Effect:
    return min(effects, key=lambda effect: effect.change)


def _cost(works: Works, effect: Effect) -> str:
    """What a change costs, in words; what may be chance is called so."""
    amount = METRICS[works.metric].apart(effect.change)
    if not effect.sure:
        return f"no more than chance would ({amount})"
    return amount if effect.change < 0 else f"nothing: it adds {amount}"


def _off_and_anew(works: Works) -> str:
    off, anew = works.of(OFF), {effect.part: effect for effect in works.of(ANEW)}
    if not off:
        return ""
    most = _costliest(off)
    if not most.costs:
        return f"No part of {works.name} that is switched off costs more than chance would"
    amount = f"{METRICS[works.metric].apart(most.change)} of {METRICS[works.metric].label}"
    found = f"Switched off in the trained {works.name}, {spoken(PARTS[most.part])} {_verb(most)} most: {amount}"
    if most.part not in anew:
        return found
    without = "without knowing that" if most.part == "p" else "without them"
    return f"{found}; trained from scratch {without}, it loses {_cost(works, anew[most.part])}"


def _better(works: Works) -> str:
    """Which parts are better left out from the start."""
    found = [
        f"{spoken(PARTS[one.part])} (by {METRICS[works.metric].apart(one.change)})"
        for one in works.of(ANEW)
        if one.low > 0
    ]
    return f"It does better when it is trained without {' or without '.join(found)}" if found else ""


def _verb(effect: Effect) -> str:
    return "costs" if effect.part == "p" else "cost"


def _shuffled(works: Works) -> str:
    found = works.of(SHUFFLED)
    return f"Putting the {W.films} of every window in a random order costs {_cost(works, found[0])}" if found else ""


def _counted(works: Works) -> str:
    share = lead_share(works)
    if share is None:
        return ""
    counting, baseline = works.of(COUNTING)[0], works.of(BASELINE)[0]
    lead = METRICS[works.metric].apart(baseline.change)
    return f"{counting.name}, which {counting.by}, has {_lead(share)} of {lead} over {baseline.name}"


def _lead(share: float) -> str:
    if share >= 1:
        return "all of the lead"
    return f"{share:.0%} of the lead" if share > 0 else "nothing of the lead"


# ---- the chart


def chart(works: Works) -> go.Figure:
    """What each change does, in a row each, with 95 % intervals of the paired difference; zero is the whole model."""
    if not works.effects:
        return empty("Nothing has been measured yet")
    places, labels = _places(works.effects)
    kinds = [(*_LOOKS[kind], works.of(kind)) for kind in _LOOKS if works.of(kind)]
    kinds += [(one.look.symbol, one.look.hue, one.name, [one]) for one in works.of(COUNTING) + works.of(BASELINE)]
    lines = max(places.values()) + 1
    return figure(
        _title(works),
        90 + LINE * lines,
        [
            _marks(effects, [places[works.effects.index(one)] for one in effects], works.metric, symbol, hue, label)
            for symbol, hue, label, effects in kinds
        ],
        showlegend=True,
        legend=LEGEND_ABOVE,
        xaxis=axis(
            f"change in {METRICS[works.metric].label}{METRICS[works.metric].unit}",
            zeroline=True,
            zerolinecolor=theme.NEUTRAL,
            zerolinewidth=2,
            range=_range(works),
        ),
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


def _row(effect: Effect) -> str:
    if effect.part:
        return {"h": "no horizontal filters", "v": "no vertical filters", "p": f"no {W.viewer}"}[effect.part]
    return "shuffled windows" if effect.kind == SHUFFLED else f"{effect.name} instead"


def _range(works: Works) -> list[float]:
    low = min(0.0, *(effect.low for effect in works.effects))
    high = max(0.0, *(effect.high for effect in works.effects))
    room = 0.14 * ((high - low) or 1.0)
    scale = METRICS[works.metric].scale
    return [scale * (low - room), scale * (high + room)]


def _marks(effects: Sequence[Effect], lines: Sequence[int], metric: str, symbol: str, hue: str, label: str) -> dict:
    """The effects of one kind, each with its number."""
    scale = METRICS[metric].scale
    change = [scale * effect.change for effect in effects]
    return scatter(
        name=label,
        x=change,
        y=list(lines),
        showlegend=label in (_LOOKS[OFF][2], _LOOKS[ANEW][2]),  # rows say what else there is
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


def _title(works: Works) -> str:
    """Which parts cost something for certain when switched off."""
    off = works.of(OFF)
    if not off:
        return f"{works.name} whole: {METRICS[works.metric].label} {METRICS[works.metric].said(works.whole)}"
    costly = sorted((one for one in off if one.high < 0), key=lambda one: one.change)
    if not costly:
        return f"No part of {works.name} costs more than chance would when it is switched off"
    spared = [spoken(PARTS[one.part]) for one in off if one.high >= 0]
    found = f"{works.name} leans most on {spoken(PARTS[costly[0].part])}"
    return f"{found}; switching off {' or '.join(spared)} costs no more than chance would" if spared else found
