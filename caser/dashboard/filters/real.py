"""Every filter in one list: what shows that it is real, what it adds, and what it costs to lose."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.filters import pair
from caser.dashboard.filters.scene import COST, FILTER, Scene, looks_for
from caser.dashboard.names import short
from caser.dashboard.parts import show_me
from caser.dashboard.selection import write_on_page
from caser.dashboard.table import table
from caser.evaluation import METRICS
from caser.explain import filters
from caser.explain.ablation import Ablation
from caser.explain.filters import HorizontalFilter, VerticalFilter
from caser.findings import Findings, sentence
from caser.words import W

TITLE = "Are they real?"
NOTE = "Shows each filter beside random filters and other trainings. It does not show causes."
COLUMNS = {  # with the kinds of their cells
    "Weights": "strip",
    "Filter": "button",
    "Looks for": "",
    "Explained": "number",
    "Random": "number",
    "Again": "number",
    "Adds": "number",
    "Costs": "number",
}


def draw(scene: Scene) -> None:
    """The list, and two filters side by side."""
    if not scene.by_name:
        st.info("This model has no filters; it was trained with n_h = 0 and n_v = 0.", icon=":material/info:")
        return
    findings = results.found_in_filters(scene.view.trained, scene.view.split)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.markdown(f":material/fact_check: {wording.plain(sentence(findings, scene.view.name))}")
        show_me(_command(scene, findings), [scene.view.trained], scene.view)
    costs = _costs(scene)
    if together := _together(scene, costs):
        st.markdown(f":material/toggle_off: {together}")
    drawn, names = content(scene, findings, costs), list(scene.by_name)
    table.show(drawn, "filters", lambda place: write_on_page(**{FILTER: names[place]}))
    st.caption(_columns_said(scene, bool(costs)))
    pair.draw(scene, findings, costs)


def _command(scene: Scene, findings: Findings) -> list[str]:
    """What tests the filters again, beside as many trainings."""
    trained = f"--seeds {findings.stability.others + 1}".split() if findings.stability else []
    return ["filters", scene.view.trained.name, *trained]


def _costs(scene: Scene) -> dict[str, Ablation]:
    """What each filter, all of a kind ("h", "v") and others cost to lose, by name; {} where that takes long."""
    view = scene.view
    if not (results.quick_to_ablate(view.trained, view.split) or st.session_state.get("measure ablation")):
        st.button("Measure what each costs", on_click=lambda: st.session_state.update({"measure ablation": True}))
        st.caption(f"On this many {W.viewers} and {W.films} that takes minutes. The result is saved.")
        return {}
    rows = results.ablation_table(view.trained, view.split).rows
    return {row.switch.name.rpartition(" ")[2]: row for row in rows if not np.isnan(row.change[COST])}


def _together(scene: Scene, costs: dict[str, Ablation]) -> str:
    """What all filters of a kind cost to lose at once, which those of single ones need not add up to."""
    kinds = (("v", scene.filters.vertical, "vertical"), ("h", scene.filters.horizontal, "horizontal"))
    said = [
        f"all {len(kernels)} {kind} filters together {cost_said(costs[name]).removeprefix('+')}"
        for name, kernels, kind in kinds
        if name in costs
    ]
    return f"Points of {METRICS[COST].label} lost: {', '.join(said)}." if said else ""


def content(scene: Scene, findings: Findings, costs: dict[str, Ablation]) -> dict:
    """The list as a table, what moves the score most first; a row's id is its place among the filters."""
    rows = []
    for place, kernel in enumerate(scene.by_name.values()):
        cells = [_strip(scene, kernel), (kernel.name, place), (looks_for(scene.view, kernel), None)]
        cells += [*_evidence(scene, findings, kernel), _adds(kernel), _cost(costs.get(kernel.name))]
        texts, keys = zip(*cells, strict=True)
        rows.append((-abs(kernel.contribution), {"id": place, "cells": list(texts), "keys": list(keys)}))
    return {
        "label": "Every filter",
        "columns": list(COLUMNS),
        "kinds": list(COLUMNS.values()),
        "rows": [row for _, row in sorted(rows, key=lambda row: row[0])],
        "search": "Search filters",
    }


Cell = tuple[str, float | None]  # what is read, and what it is sorted by


def _strip(scene: Scene, kernel: HorizontalFilter | VerticalFilter) -> tuple[dict, float | None]:
    """A filter's weights, a row for each film."""
    model = scene.view.trained.model
    horizontal = isinstance(kernel, HorizontalFilter)
    rows = (
        filters.filter_weights(model, kernel.height, kernel.index)
        if horizontal
        else [[weight] for weight in kernel.weights]
    )
    return table.strip(rows, f"the weights of {kernel.name}"), None


def _evidence(scene: Scene, findings: Findings, kernel: HorizontalFilter | VerticalFilter) -> list[Cell]:
    """What its name explains, what random filters' would, and in how many other trainings it is found."""
    if isinstance(kernel, VerticalFilter):
        return [("–", None)] * 3
    name = results.filter_names(scene.view.trained, scene.view.split)[kernel.height, kernel.index]
    again = findings.stability and findings.stability.again(kernel.height, kernel.index)
    return [
        (f"{name.share:.0%}", name.share) if name.named else ("–", None),
        ("–", None) if name.random_share is None else (f"{name.random_share:.0%}", name.random_share),
        ("–", None) if again is None else (f"{again} of {findings.stability.others}", again),
    ]


def _adds(kernel: HorizontalFilter | VerticalFilter) -> Cell:
    if isinstance(kernel, HorizontalFilter) and not kernel.alive:
        return "inactive", None
    return f"{kernel.contribution:+z.2f}", kernel.contribution


def _cost(row: Ablation | None) -> Cell:
    return ("–", None) if row is None else (cost_said(row), -row.change[COST])


def cost_said(row: Ablation) -> str:
    """Points lost without a filter, with their margin: less than nothing where the model does better without it."""
    measure = METRICS[COST]
    return f"{measure.signed(round(-row.change[COST], 3) + 0.0)} ± {measure.apart(row.margin[COST]).split()[0]}"


def _columns_said(scene: Scene, measured: bool) -> str:
    measure, film = METRICS[COST].label, wording.plain(short(scene.film))
    viewers = f" over {len(scene.view.split.evaluated):,} test {W.viewers}" if measured else ""
    return (
        f"Explained: the share of a row's variance its name accounts for. Random: 95 of 100 random filters stay below "
        f"it. Again: other trainings that have it. Adds: to the score of {film}. Costs: points of {measure} lost "
        f"without it{viewers}; below its margin it may be chance. Vertical filters weigh places, so no name is tested."
    )
