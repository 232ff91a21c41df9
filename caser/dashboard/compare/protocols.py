"""How the numbers are measured and tested, what other protocols make of a model, and what others have published."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare import published
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import protocols as figures
from caser.dashboard.lineup import Contender
from caser.dashboard.parts import chart, protocol
from caser.evaluation import of_100
from caser.field.standings import FEWEST_TRAININGS
from caser.words import W

TITLE = "How it is measured"
PICKED = "read"  # the parameter in the URL, and the widget's key


def draw(scene: Scene) -> None:
    """The page's own protocol and its tests, then one model's metric under the protocols that papers use."""
    protocol(scene.view, scene.models)
    st.caption(
        f"Tests: two models with {FEWEST_TRAININGS} trainings or more each are compared over trainings (Welch's test), "
        f"others over {W.viewers} for the training shown (paired test). Both are corrected for all pairs shown (Holm). "
        "A model with so many trainings is placed by their mean, whose interval is over trainings as well."
    )
    st.markdown("##### Other protocols")
    model = scene.pick("Model", PICKED, width=320)
    readings = results.readings(model, scene.view.split, scene.metric)
    caption = (
        f"The first row is the protocol of this page, for the training shown. Lines: 95 % intervals over {W.viewers}. "
        "Compare numbers only within one protocol"
    )
    chart(figures.chart(readings, model.name, scene.metric), caption, scene.view)
    _ties(scene, model)
    published.draw(scene)


def _ties(scene: Scene, model: Contender) -> None:
    """What the other rule on ties would change, and how it is measured."""
    moved = (
        f"The other rule on ties holds out another {W.film} for "
        f"{of_100(results.moved_by_ties(scene.view.split))} {W.viewers}"
    )
    name = wording.plain(model.name)
    if model.checkpoint is None or not model.model.has_filters:
        st.caption(f"{moved}. It was not measured for {name}: only the study of a Caser trains a model again for it.")
    elif not results.measured(model.checkpoint):
        st.caption(f"{moved}. `python -m caser study {model.checkpoint.name}` trains {name} again for it.")
    else:
        st.caption(f"{moved}. {name} was trained again for it.")
