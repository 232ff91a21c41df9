"""Filters and parts switched off: what that does to this list at once, and to the test metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from caser.dashboard import loaders, results, theme, wording
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.figures.recommend import rank_moves
from caser.dashboard.filters.scene import Scene
from caser.dashboard.names import rank_words
from caser.dashboard.parts import chart
from caser.dashboard.selection import choice, page_text, quoted, write_on_page
from caser.evaluation import METRICS
from caser.explain import ablation
from caser.explain.ablation import Switch
from caser.recommend import rank_all, score_catalogue
from caser.training.reports import LIVE_METRICS
from caser.words import W

TITLE = "Switch off"
NOTE = (
    "Shows the damage when a part is removed from the trained model. It does not show the part's worth: trained "
    "without it from the start, the model may do as well."
)
SINGLE = 8  # filters drawn of those that cost most when switched off
SINGLES = "Single filters off"
OFF, METRIC = "off", "cost"  # parameters in the URL, the second also the widget's key


def draw(scene: Scene) -> None:
    """Toggles, the list without what they switch off, and the metrics without each."""
    off = _pick(ablation.switches(scene.view.trained.model))
    if off:
        left, _ = st.columns([3, 2])
        with left:
            list_effect(scene, off)
    else:
        st.info("Switch something off above to see the list change.", icon=":material/toggle_off:")
    st.markdown(f"##### On the test {W.viewers}")
    if _measurable(scene):
        _metrics(scene, off)


def _pick(switches: Sequence[Switch]) -> tuple[Switch, ...]:
    """The switches that are off, as the address says; usually all vertical or all horizontal filters."""
    by_name = {switch.name: switch for switch in switches}
    groups = _grouped(list(by_name))
    off = _asked(list(by_name))
    with st.container(horizontal=True, gap="medium"):
        for label, names in groups.items():
            st.session_state[label] = [name for name in names if name in off]
            if label == SINGLES:
                st.multiselect(label, names, key=label, width=330, on_change=_write, args=(list(groups),))
            else:
                st.pills(
                    label,
                    names,
                    selection_mode="multi",
                    key=label,
                    format_func=brief,
                    on_change=_write,
                    args=(list(groups),),
                )
    return tuple(by_name[name] for name in off)


def _grouped(names: Sequence[str]) -> dict[str, list[str]]:
    groups = {
        "Parts off": [n for n in names if n in ("h", "v", "p")],
        "Horizontal filters of one height off": [n for n in names if n.startswith("height")],
        "Vertical filters off": [n for n in names if n.startswith("vertical")],
        SINGLES: [n for n in names if n.startswith("filter")],
    }
    return {label: group for label, group in groups.items() if group}


def _asked(names: Sequence[str]) -> list[str]:
    """What the address switches off; an unknown name gets a warning and is left out."""
    asked = page_text(OFF)
    if asked is None:
        return [n for n in names if n in ("v", "h")][-1:]
    wanted = list(filter(None, asked.split(",")))
    if unknown := [name for name in wanted if name not in names]:
        st.warning(f"{quoted(', '.join(unknown))} in the address: this model has no such part to switch off.")
    return [name for name in names if name in wanted]


def _write(groups: Sequence[str]) -> None:
    write_on_page(**{OFF: ",".join(name for label in groups for name in st.session_state[label])})


def brief(name: str) -> str:
    """A switch on a button."""
    words = {"h": "all horizontal", "v": "all vertical", "p": f"who is {W.watching}"}
    return words.get(name, name.replace("vertical ", ""))


def spelled(name: str) -> str:
    """A switch in a sentence."""
    words = {"h": "all horizontal filters", "v": "all vertical filters", "p": f"who is {W.watching}"}
    return words.get(name, name.replace("height", "filters of height").replace("vertical ", "vertical filter "))


def list_effect(scene: Scene, off: Sequence[Switch]) -> None:
    """The ranks of the list with and without what is switched off."""
    view, k = scene.view, min(scene.view.selection.k, 10)
    before, after = _ranks(scene, off)
    found = rank_moves.moves(before, after, loaders.labels(view.dataset), k)
    what = f"Without {', '.join(spelled(switch.name) for switch in off)}"
    figure = rank_moves.rank_moves(found, k, what, ("as it is", "without"))
    whose = f"The first {k} of the list for {wording.plain(view.who)}"
    caption = f"{whose}. The part's output is set to zero; nothing is retrained"
    chart(figure, caption, view, key="list effect")
    if view.target is not None:
        st.markdown(
            f"{theme.TRUTH_MARK} {wording.watched_next(view)} goes from rank "
            f"**{rank_words(before[view.target])}** to **{rank_words(after[view.target])}**."
        )


def list_words(scene: Scene, off: Sequence[Switch]) -> None:
    """What happens to the list, in a sentence."""
    view, k = scene.view, min(scene.view.selection.k, 10)
    found = rank_moves.moves(*_ranks(scene, off), loaders.labels(view.dataset), k)
    st.markdown(f"In the list for {wording.plain(view.who)}, {wording.plain(rank_moves.moves_said(found, k))}.")


def _ranks(scene: Scene, off: Sequence[Switch]) -> tuple[np.ndarray, np.ndarray]:
    """Every film's rank as it is, and without what is switched off."""
    view = scene.view
    horizontal = {at for switch in off for at in switch.horizontal}
    vertical = {at for switch in off for at in switch.vertical}
    model = ablation.without(view.trained.model, horizontal, vertical, any(switch.user for switch in off))
    scores = score_catalogue(model, view.user, view.history)
    return rank_all(scene.scores, view.left_out), rank_all(scores, view.left_out)


def metric_effect(scene: Scene, switch: Switch) -> None:
    """What one switch does to the test metrics, in a sentence."""
    if not _measurable(scene):
        return
    row = next(
        row
        for row in results.ablation_table(scene.view.trained, scene.view.split).rows
        if row.switch.name == switch.name
    )
    said = []
    for metric in LIVE_METRICS:
        measure, margin = METRICS[metric], METRICS[metric].apart(row.margin[metric])
        said.append(f"{measure.label} {measure.signed(row.change[metric])} (± {margin})")
    sure = any(abs(row.change[m]) > row.margin[m] for m in LIVE_METRICS)
    verdict = "At least one change lies outside its margin." if sure else "All changes may be chance."
    st.markdown(f"On the test {W.viewers}, with 95 % margins: {', '.join(said)}. {verdict}")


def _metrics(scene: Scene, off: Sequence[Switch]) -> None:
    table = results.ablation_table(scene.view.trained, scene.view.split)
    metric = choice(
        st.segmented_control,
        "Test metric",
        LIVE_METRICS,
        METRIC,
        "hr@10",
        required=True,
        format_func=lambda metric: METRICS[metric].label,
    )
    names = [row.switch.name for row in table.rows]
    parts = [name for name in names if not name.startswith("filter")]
    single = sorted((row for row in table.rows if row.switch.name.startswith("filter")), key=lambda r: r.change[metric])
    chosen = [switch.name for switch in off if switch.name.startswith("filter")]
    order = list(dict.fromkeys([*parts, *chosen, *(row.switch.name for row in single[:SINGLE])]))
    figure = filter_figures.ablation(table, order, metric, {name: spelled(name) for name in names})
    caption = (
        f"{table.users:,} {W.viewers}. Each switch alone: the costs of several need not add up. Bars are 95 % margins; "
        f"hollow marks may be chance. Single filters: those selected and the {min(SINGLE, len(single))} that cost "
        "most, whose costs chance exaggerates most"
    )
    chart(figure, caption, scene.view, key="ablation")


def _measurable(scene: Scene) -> bool:
    """Whether the test metrics are quick to measure, or the visitor pressed Measure."""
    if results.quick_to_ablate(scene.view.trained, scene.view.split) or st.session_state.get("measure ablation"):
        return True
    st.caption(f"On this many {W.viewers} and {W.films}, measuring every switch takes minutes. The result is saved.")
    return st.button("Measure", key="measure", on_click=lambda: st.session_state.update({"measure ablation": True}))
