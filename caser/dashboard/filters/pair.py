"""Two filters side by side: their weights, what they respond to most, and how they formed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.filters.scene import BESIDE, COST, FILTER, Scene, looks_for
from caser.dashboard.forming import strip
from caser.dashboard.parts import chart
from caser.dashboard.selection import choice
from caser.evaluation import METRICS
from caser.explain import filters
from caser.explain.ablation import Ablation
from caser.explain.concepts import FilterName
from caser.explain.filters import HorizontalFilter, VerticalFilter
from caser.explain.preferences import NGram
from caser.findings import Findings
from caser.words import W


def draw(scene: Scene, findings: Findings, costs: Mapping[str, Ablation]) -> None:
    """The filter looked at, and another beside it."""
    by_name, chosen = scene.by_name, []
    for column, parameter, label, usual in zip(
        st.columns(2, gap="large"), (FILTER, BESIDE), ("Filter", "Beside it"), _usual(scene), strict=True
    ):
        with column:
            name = choice(st.selectbox, label, list(by_name), parameter, usual, width=220)
            _one(scene, by_name[name], findings, costs.get(name), parameter)
            chosen.append(name)
    _forming(scene, list(dict.fromkeys(chosen)))


def _usual(scene: Scene) -> tuple[str, str]:
    """A horizontal filter and a vertical one, of each kind the one that shows most; else two of a kind."""
    names, shown = results.filter_names(scene.view.trained, scene.view.split), scene.filters
    named = [f for f in shown.fired if names[f.height, f.index].named]
    across = sorted(named or shown.fired or shown.horizontal, key=lambda f: -f.contribution)
    down = sorted(shown.vertical, key=lambda f: -abs(f.contribution))
    if across and down:
        return across[0].name, down[0].name
    alike = [f.name for f in across or down]
    return alike[0], alike[min(1, len(alike) - 1)]


def _one(
    scene: Scene, kernel: HorizontalFilter | VerticalFilter, findings: Findings, cost: Ablation | None, key: str
) -> None:
    st.markdown(f"#### {kernel.name}: {wording.plain(looks_for(scene.view, kernel))}")
    st.markdown(" ".join(filter(None, (_adds(scene, kernel), _cost(cost), _again(findings, kernel)))))
    if isinstance(kernel, VerticalFilter):
        figure = filter_figures.place_weights(np.array(kernel.weights), kernel.name, scene.films)
        chart(figure, "One weight per place, the same for everybody", scene.view, key=f"{key} weights")
        return
    name = results.filter_names(scene.view.trained, scene.view.split)[kernel.height, kernel.index]
    st.markdown(_worth_of_name(name))
    weights = filters.filter_weights(scene.view.trained.model, kernel.height, kernel.index)
    caption = f"It responds most to {W.films} whose numbers have the same signs"
    chart(filter_figures.filter_weights(weights, kernel.name), caption, scene.view, key=f"{key} weights")
    _excited(scene, kernel)


def _adds(scene: Scene, kernel: HorizontalFilter | VerticalFilter) -> str:
    """What a filter adds to the film looked at."""
    film = wording.plain(scene.film)
    if isinstance(kernel, HorizontalFilter) and not kernel.alive:
        return f"It is inactive here, so it adds nothing to {film}."
    return f"It adds **{kernel.contribution:+.2f}** to {film}."


def _cost(row: Ablation | None) -> str:
    """What losing a filter does to test viewers."""
    if row is None:
        return ""
    measure, change, margin = METRICS[COST], row.change[COST], row.margin[COST]
    if abs(change) <= margin:
        return f"Taken out, {measure.label} changes by {measure.signed(change)}; that may be chance."
    return f"Taken out, {measure.label} changes by **{measure.signed(change)}** (± {measure.apart(margin)})."


def _again(findings: Findings, kernel: HorizontalFilter | VerticalFilter) -> str:
    """How often a horizontal filter fires, and whether it comes back."""
    if isinstance(kernel, VerticalFilter):
        return ""
    share = float(findings.alive[kernel.height - 1, kernel.index])
    fires = f"It fires for {share:.0%} of real windows." if share else "It is **dead**: no real window activates it."
    if not findings.stability:
        return fires
    again = findings.stability.again(kernel.height, kernel.index)
    return f"{fires} {again} of {findings.stability.others} other trainings have it."


def _worth_of_name(name: FilterName) -> str:
    if name.random_share is None:
        return "It was not compared with random filters."
    if not name.named:
        return "No concept explains it better than random filters."
    rows = ", ".join(f"row {row.row + 1} {wording.plain(row.text)} ({row.share:.0%})" for row in name.rows)
    return f"It seeks {rows}. Random filters reach {name.random_share:.0%}."


def _excited(scene: Scene, kernel: HorizontalFilter) -> None:
    """The films in a row that excite it most."""
    possible, real = results.excited(scene.view.trained, scene.view.split, kernel.height, kernel.index)
    lines = [f"- {_run(ngram)}, seen {_times(ngram.count)}" for ngram in real.best]
    seen = [ngram.films for ngram in real.best]
    lines += [f"- {_run(best)}, the most of all possible runs" for best in possible.best if best.films not in seen]
    st.markdown("\n".join(["**Responds most to**", "", *lines]))
    st.caption(f"Real histories end before the held-out {W.films}; the last is of {wording.often_watched(scene.view)}.")


def _run(ngram: NGram) -> str:
    return f"{' → '.join(wording.plain(film.title) for film in ngram.films)} ({ngram.response:+.2f})"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _forming(scene: Scene, names: list[str]) -> None:
    """How the filters came to be what they are."""
    likeness = results.likeness(scene.view.trained)
    if len(likeness) < 2:
        st.caption("This checkpoint saved no filters of earlier epochs. One trained on the Train page does.")
        return
    caption = "Saved epochs only. Cosine 1: the same direction as at the end. 0: nothing in common"
    chart(filter_figures.forming(likeness, names), caption, scene.view, key="forming")
    if st.toggle("Play how all filters form", key="watch forming"):
        strip.replay(scene.view.trained, scene.view.split)
