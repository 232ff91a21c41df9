"""One setting of a model over several values, each trained several times."""

from __future__ import annotations

import streamlit as st

from caser.checkpoint import Checkpoint
from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import steps as figures
from caser.dashboard.parts import chart
from caser.dashboard.selection import choice
from caser.field import sweep as field

TITLE = "One setting, several values"
SETTING = "setting"  # the parameter in the URL, and the widget's key


def swept(scene: Scene) -> Checkpoint | None:
    """The model to show: the one picked if a setting of it was swept, else the first of those compared."""
    models = [one.checkpoint for one in scene.models if one.checkpoint]
    models.sort(key=lambda one: one.name != scene.view.trained.name)
    return next((one for one in models if results.sweeps(one, scene.metric)), None)


def draw(scene: Scene) -> None:
    """One chart; which setting it shows can be chosen where there are several."""
    model = swept(scene)
    settings = results.sweeps(model, scene.metric)
    setting = choice(st.segmented_control, "Setting", list(settings), SETTING, required=True)
    values = settings[setting]
    st.markdown(f"{wording.plain(model.name)}: {wording.plain(field.sentence(values, scene.metric))}")
    own = field.own_value(values).name
    caption = f"Circles: one training each; diamonds: their mean, and its difference to {own}, the model's own"
    chart(figures.values(values, scene.metric, setting), caption, scene.view)
