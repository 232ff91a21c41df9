"""The models under one protocol: who finds the next film how often, and all that stands behind it, folded."""

import streamlit as st

from caser.dashboard import names
from caser.dashboard.compare import contents, leaderboard, lists, measured, numbers, pair, protocols, what_works
from caser.dashboard.compare.scene import Scene, is_defined, set_scene
from caser.dashboard.frame import close_page, open_page, require_model
from caser.evaluation import METRICS
from caser.words import W, spoken

PARTS = {  # by name in the address
    "works": what_works,
    "pair": pair,
    "numbers": numbers,
    "lists": lists,
    "protocols": protocols,
    "measured": measured,
}


def main() -> None:
    view = open_page("Compare", ":material/balance:")
    require_model(view)
    contents.draw({name: spoken(part.TITLE) for name, part in PARTS.items()})
    if not view.rival:
        where = names.dataset(view.dataset.name)
        st.info(f"No other model is trained on this split of {where} yet. Train one on the Train page.")
    first = st.container()
    scene = set_scene(view)
    with first:
        opening(scene)
    if scene.models:
        for name in PARTS:
            fold(scene, name)
    close_page(view)


def opening(scene: Scene) -> None:
    """Who leads, where that can be said."""
    if not scene.models:
        st.info("Pick at least one model.")
    elif is_defined(scene):
        leaderboard.draw(scene)
    else:
        measure = METRICS[scene.metric]
        st.info(
            f"{measure.label} is {measure.said(1)} for every model here. No {W.viewer} has more than {measure.cutoff} "
            f"unseen {W.films}. Pick a metric of a shorter list."
        )


@st.fragment
def fold(scene: Scene, name: str) -> None:
    """A part, which is worked out once it is open."""
    part = contents.part(name, spoken(PARTS[name].TITLE))
    if part.open:
        with part:
            PARTS[name].draw(scene)


main()
