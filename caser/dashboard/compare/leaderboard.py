"""Who leads, by how much, and how sure that is."""

from __future__ import annotations

import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.compare.scene import Scene
from caser.dashboard.figures.compare import field
from caser.dashboard.parts import chart, show_me
from caser.field.verdict import verdict


def draw(scene: Scene) -> None:
    """The verdict in words, and a bar for each model."""
    standings = results.standings(scene.models, scene.view.split, scene.metric)
    first, _, rest = f"{verdict(standings)}.".partition(". ")
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.subheader(wording.plain(first.rstrip(".") + "."), anchor=False)
        _show_me(scene)
    if rest:
        st.markdown(wording.plain(rest))
    looks = {model.name: model.look for model in scene.models}
    caption = "± and lines: 95 % intervals, over trainings as well where a model has three or more"
    chart(field.in_viewers(standings, looks), caption, scene.view, key="in viewers")
    leaks = [one for one in scene.models if one.checkpoint and one.checkpoint.metadata.config.training.hide_test]
    if leaks:
        named = ", ".join(wording.plain(one.name) for one in leaks)
        st.caption(f"{named}: a little too high, since training used part of the test. See *How it is measured*.")


def _show_me(scene: Scene) -> None:
    """How to repeat the verdict; popularity is counted on the spot and is in no file."""
    models = [one.checkpoint for one in scene.models if one.checkpoint]
    names = [one.name for one in models]
    if len(names) > 1:
        show_me(["compare", *names, "--metric", scene.metric], models, scene.view)
    elif names:
        show_me(["evaluate", *names], models, scene.view)
