"""Inside the convolutions: the visitor's films flowing through them, and what each filter looks for."""

from dataclasses import replace

import streamlit as st

from caser.dashboard import loaders, visitor, wording
from caser.dashboard.figures.plot import PRINTED
from caser.dashboard.film import catalogue_scores, drawn_with_the_page, pick_film, planted_notice, watched
from caser.dashboard.filters import (
    all_filters,
    film_map,
    forming,
    positions,
    step_by_step,
    story,
    switch_off,
    two_histories,
    walk_through,
)
from caser.dashboard.filters.scene import set_scene
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.picture import picture
from caser.dashboard.selection import choice, link
from caser.dashboard.view import View
from caser.words import W, spoken

VIEWS = (story, walk_through, step_by_step, all_filters, positions, film_map, switch_off, forming, two_histories)
TABS = {view.TITLE: view for view in VIEWS}
TAB = "view"  # the parameter in the URL, and the widget's key


def main() -> None:
    view = open_page("Filters", ":material/grid_on:")
    require_model(view)
    picture.draw(view)
    if not view.trained.model.has_filters:
        without_filters(view)
    else:
        st.markdown(watched(view))
        with st.expander(f"Change who is {W.watching}, or the {W.films}", icon=":material/person:"):
            visitor.picker(view)
            if view.anonymous:
                visitor.editor(view)
        body(view)
        planted_notice(view)
        smaller(view)
    close_page(view)


def without_filters(view: View) -> None:
    """Say why there is nothing to see, and where to go."""
    checkpoint, name = wording.plain(view.trained.name), wording.plain(view.name)
    st.info(f"{checkpoint} has no filters to look into: {name} {spoken(view.trained.model.summary)}.")
    for name in loaders.shelf(view.dataset.name).models:
        if not loaders.problem(name) and loaders.trained(name).model.has_filters:
            params = replace(view.selection, model=name).params()
            link("filters", f"Look into {wording.plain(name)}", params, ":material/arrow_forward:")


def smaller(view: View) -> None:
    """Where there is a model whose filters can be read number by number, point to it."""
    for name in loaders.shelf(view.dataset.name).models:
        if loaders.problem(name):
            continue
        model = loaders.trained(name).model
        if model.has_filters and model.config.d <= PRINTED < view.trained.model.config.d:
            label = f"Read every number in {wording.plain(name)} (d = {model.config.d})"
            link("filters", label, replace(view.selection, model=name).params(), ":material/zoom_in:")


@st.fragment
def body(view: View) -> None:
    """The view chosen; only this part is drawn anew when something in it changes."""
    drawn_with_the_page(view)
    scores, titles = catalogue_scores(view), list(TABS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        item = pick_film(view, scores)
        chosen = choice(st.segmented_control, "View", titles, TAB, required=True, wrap=True)
    st.caption(spoken(TABS[chosen].NOTE))
    TABS[chosen].draw(set_scene(view, item, scores))


main()
