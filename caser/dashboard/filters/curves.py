"""The curves of a model without filters: their shapes, what these are worth, how far back it reads, and its gates."""

from __future__ import annotations

import streamlit as st
import torch

from caser.dashboard import results, wording
from caser.dashboard.figures.filters import curves as figures
from caser.dashboard.filters.scene import COST
from caser.dashboard.names import short
from caser.dashboard.parts import chart, show_me
from caser.dashboard.view import View
from caser.evaluation import METRICS
from caser.explain.curves.effects import FEWEST, CurveEffects, name_of
from caser.explain.curves.shapes import SHAPES, Group, begun, groups
from caser.field import curves as field
from caser.words import W, spoken

TITLE = "Curves"
NOTE = "Shows averages of many dimensions; none has a meaning of its own, and the films' vectors may be turned freely."
GATED = 6  # of the films read, the latest


def draw(view: View) -> None:
    """What the curves are worth first, then what they look like."""
    effects = results.curve_effects(view.trained, view.split)
    found = groups(view.trained.model, FEWEST)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.markdown(f":material/fact_check: {wording.plain(field.sentence(effects, COST))}")
        show_me(["filters", view.trained.name], [view.trained], view)
    if found:
        chart(figures.shapes(found, begun(view.trained.model)), _said(found, effects), view, key="curves")
    measured = f"Of this one training, nothing trained anew; {effects.users:,} test {W.viewers}"
    chart(figures.reach(effects, COST), measured, view, key="reach")
    _gates(view)


def _said(found: tuple[Group, ...], effects: CurveEffects) -> str:
    """What the shapes mean, and what each group costs to lose."""
    shapes = "; ".join(f"{name}: {spoken(SHAPES[name])}" for name in SHAPES if any(one.shape == name for one in found))
    itself = f"0 is the {W.film} itself, which each layer also passes on as it is"
    divided = f"Each curve is divided by its largest weight of an earlier {W.film}"
    return f"{_counted(found)}. {divided}; {itself}. {shapes}. {_costs(found, effects)}"


def _counted(found: tuple[Group, ...]) -> str:
    """How many dimensions of each layer have which shape."""
    layers = sorted({group.layer for group in found})
    by_layer = {layer: [group for group in found if group.layer == layer] for layer in layers}
    return "; ".join(
        f"Layer {layer + 1}: " + ", ".join(f"{len(group.dimensions)} {group.shape}" for group in groups)
        for layer, groups in by_layer.items()
    )


def _costs(found: tuple[Group, ...], effects: CurveEffects) -> str:
    """The groups that surely cost something to lose."""
    lost = [effects.of(name_of(group)) for group in found]
    sure = [f"{one.name} {field.amount(one, COST)}" for one in lost if one.sure(COST)]
    label = METRICS[COST].label
    if not sure:
        return f"Without any one group {label} changes by no more than chance"
    return f"Without a group, {label}: {', '.join(sure)}"


@torch.no_grad()
def _gates(view: View) -> None:
    """How far the gates open at the films of this history, where there are any."""
    shown = view.window[-GATED:]
    opened = view.trained.model.openings(torch.tensor([view.window])) if view.window else []
    if opened:
        means = torch.stack([one[0, -len(shown) :].mean(1) for one in opened], 1).numpy()  # (n, layers)
        films = [short(wording.film_name(view, item), 22) for item in shown]
        chart(figures.gates(means, films), f"1: what a {W.film} blends passes; 0: it is held back", view, key="gates")
