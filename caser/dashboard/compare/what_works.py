"""What does the work in a Caser, and how much of it could be had by counting."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import works as figures
from caser.dashboard.lineup import Contender
from caser.dashboard.parts import chart
from caser.evaluation import METRICS
from caser.field import works as field
from caser.words import W, spoken

TITLE = "What does the work"
NOTE = (
    "Taking a part out shows what the trained model leans on. Training without it shows what the part is worth. "
    "Both are measured on the same viewers."
)


def draw(scene: Scene) -> None:
    """One chart and what is computed from it; where nothing was measured, how to measure it."""
    model = subject(scene)
    if model is None:
        st.info("None of these models has filters; add a Caser to see what does the work in it.")
        return
    works = results.works(model, scene.view.trained, scene.view.split, scene.metric)
    if works is None:
        st.info(
            f"What does the work in {wording.plain(model.name)} is not measured yet. "
            f"`python -m caser study {model.checkpoint.name}` measures it, with three trainings without each part."
        )
        return
    st.markdown(wording.plain(field.sentence(works)))
    if advice := field.advice(works, model.checkpoint.name):
        st.info(advice)
    whole = f"Zero is the whole model, {METRICS[scene.metric].label} {METRICS[scene.metric].said(works.whole)}"
    bars = f"Bars: 95 % intervals over {W.viewers} and, if there are several, over trainings or random orders"
    looks = results.looks(scene.view.trained, scene.view.split)
    chart(figures.chart(works, model.name, looks), f"{whole}. {bars}. {spoken(NOTE)}", scene.view)


def subject(scene: Scene) -> Contender | None:
    """The Caser to speak of: the model picked if it is shown and has filters, else one with a study, else the first."""
    with_filters = [one for one in scene.models if one.checkpoint and one.model.has_filters]
    picked = [one for one in with_filters if one.checkpoint.name == scene.view.trained.name]
    measured = [one for one in with_filters if results.measured(one.checkpoint)]
    return next(iter([*picked, *measured, *with_filters]), None)
