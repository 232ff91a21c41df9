"""What every section of the Compare page is drawn from: the models and the metric that the visitor picked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from caser import report
from caser.dashboard import names, results, selection
from caser.dashboard.lineup import Contender, lineup
from caser.dashboard.view import View
from caser.data.text import listing
from caser.evaluation import METRICS

MODELS, METRIC = "models", "metric"  # parameters in the URL, and the widgets' keys
USUAL = "hr@50"


@dataclass(frozen=True, eq=False)
class Scene:
    """The models shown, the one picked for every page first where it is among them, and the metric."""

    view: View
    models: tuple[Contender, ...]
    metric: str

    def named(self, name: str) -> Contender:
        """The model of that name on screen."""
        return next(one for one in self.models if one.name == name)

    def pick(self, label: str, key: str, default: str | None = None, **how) -> Contender:
        """Draw a picker of one of the models; the address may also name a checkpoint."""
        also = {address(one): one.name for one in self.models}
        options = [one.name for one in self.models]
        return self.named(selection.choice(st.selectbox, label, options, key, default, also, **how))


def address(one: Contender) -> str:
    """What a contender is called in the URL: its checkpoint's name, or its kind where it has none."""
    return one.checkpoint.name if one.checkpoint else one.model.config.name


def set_scene(view: View) -> Scene:
    """The pickers behind a button that says what they say, the report beside it."""
    models = {address(one): one for one in lineup(view.trained, view.split)}
    options = list(models)
    unknown = selection.page_choices(MODELS, options)
    selection.page_choice(METRIC, tuple(METRICS), USUAL)
    picked = tuple(models[key] for key in options if key in st.session_state[MODELS])
    scene = Scene(view, picked, st.session_state[METRIC])
    with st.container(horizontal=True):
        with st.popover("Models and metric", icon=":material/tune:"):
            _pickers(models)
        if picked:
            _download(scene)
    if unknown:
        _say_unknown(view, unknown)
    return scene


def _pickers(models: dict[str, Contender]) -> None:
    st.multiselect(
        "Models shown",
        list(models),
        key=MODELS,
        format_func=lambda key: _picked_as(models[key], key),
        on_change=selection.choose_several_on_page,
        args=(MODELS, list(models)),
        help="All models trained on this data with the same rule on ties, and popularity.",
    )
    st.selectbox(
        "Metric",
        tuple(METRICS),
        key=METRIC,
        format_func=lambda metric: METRICS[metric].label,
        on_change=selection.choose_on_page,
        args=(METRIC, tuple(METRICS), USUAL),
    )


def _download(scene: Scene) -> None:
    st.download_button(
        "Save as one HTML page",
        lambda: page(scene),
        f"{scene.view.dataset.name}-comparison.html",
        "text/html",
        icon=":material/download:",
        on_click="ignore",
        help="The models, their tests, what does the work and how each was trained, in one file that works offline.",
    )


def page(scene: Scene) -> str:
    """The comparison as a page of its own, by the names on screen."""
    return report.html(
        [results.entry(model, scene.view.split) for model in scene.models], scene.view.split, scene.metric
    )


def is_defined(scene: Scene) -> bool:
    """Whether the metric is defined for any viewer; on small data, a list may hold every unseen film."""
    return all(np.isfinite(results.summary(one, scene.view.split)[0][scene.metric]) for one in scene.models)


def _picked_as(one: Contender, key: str) -> str:
    """A model in the picker: its kind, and its own name where that says more."""
    kind = names.model(one.model.config.name)
    return kind if one.checkpoint is None or key == kind else f"{kind} · {key}"


def _say_unknown(view: View, unknown: list[str]) -> None:
    listed = listing(map(selection.quoted, unknown), 5)
    where = names.dataset(view.dataset.name)
    st.warning(
        f"Not shown: {listed}. No model of that name is trained on this split of {where}.",
        icon=":material/info:",
    )
