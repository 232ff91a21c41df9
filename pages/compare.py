"""The models under one protocol: who leads, what does the work, and where the models differ."""

import streamlit as st

from caser.dashboard import names
from caser.dashboard.compare import beyond, leaderboard, numbers, pair, protocols, published, what_works
from caser.dashboard.compare.scene import Scene, is_defined, set_scene
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.parts import protocol
from caser.evaluation import METRICS
from caser.words import W, spoken

SECTIONS = (leaderboard, what_works, pair, protocols, beyond, numbers, published)


def main() -> None:
    view = open_page("Compare", ":material/balance:")
    require_model(view)
    if not view.rival:
        where = names.dataset(view.dataset.name)
        st.info(f"No other model is trained on this split of {where} yet. Train one on the Train page.")
    scene = set_scene(view)
    if scene.models:
        sections(scene)
    else:
        st.info("Pick at least one model.")
    protocol(view, scene.models)
    close_page(view)


def sections(scene: Scene) -> None:
    defined = is_defined(scene)
    if not defined:
        measure = METRICS[scene.metric]
        st.info(
            f"{measure.label} is {measure.said(1)} for every model here. No {W.viewer} has more than {measure.cutoff} "
            f"unseen {W.films}. Pick a metric of a shorter list."
        )
    for section in SECTIONS if defined else (numbers,):
        if section not in (leaderboard, published):
            st.subheader(spoken(section.TITLE), anchor=False)
        section.draw(scene)


main()
