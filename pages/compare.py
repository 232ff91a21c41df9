"""The models under one protocol: who finds the next film how often, and all that stands behind it, folded."""

import streamlit as st

from caser.dashboard import names
from caser.dashboard.compare import contents, leaderboard, lists, numbers, pair, protocols, steps, sweep, what_works
from caser.dashboard.compare.scene import Scene, is_defined, set_scene
from caser.dashboard.frame import close_page, open_page, require_model
from caser.evaluation import METRICS
from caser.words import W, spoken

PARTS = {  # by name in the address
    "works": what_works,
    "steps": steps,
    "sweep": sweep,
    "pair": pair,
    "numbers": numbers,
    "lists": lists,
    "measured": protocols,
}


def main() -> None:
    view = open_page("Compare", ":material/balance:")
    require_model(view)
    opening = st.container()
    scene = set_scene(view)
    shown = parts(scene)
    with opening:
        contents.draw({name: spoken(PARTS[name].TITLE) for name in shown})
        lead(scene, len(shown) > 1)
    for name in shown:
        fold(scene, name)
    close_page(view)


def parts(scene: Scene) -> tuple[str, ...]:
    """Those that can be drawn: on small data, a metric may be undefined for everybody."""
    if not scene.models:
        return ()
    if not is_defined(scene):
        return ("numbers",)
    some = {"steps": steps.leads_to, "sweep": sweep.swept}
    return tuple(name for name in PARTS if name not in some or some[name](scene))


def lead(scene: Scene, defined: bool) -> None:
    """Who leads, or why that cannot be said."""
    if not scene.view.rival:
        where = names.dataset(scene.view.dataset.name)
        st.info(f"No other model is trained on this split of {where} yet. Train one on the Train page.")
    if not scene.models:
        st.info("Pick at least one model.")
    elif defined:
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
