"""How the numbers of the page are measured and tested."""

from __future__ import annotations

import streamlit as st

from caser.dashboard.compare.scene import Scene
from caser.dashboard.parts import protocol
from caser.field.standings import FEWEST_TRAININGS
from caser.words import W

TITLE = "How it is measured"


def draw(scene: Scene) -> None:
    """The protocol, and the tests behind the verdict."""
    protocol(scene.view, scene.models)
    st.caption(
        f"Tests: two models with {FEWEST_TRAININGS} trainings or more each are compared over trainings (Welch's test), "
        f"others over {W.viewers} for the training shown (paired test). Both are corrected for all pairs shown (Holm). "
        "A model with so many trainings is placed by their mean, whose interval is over trainings as well."
    )
