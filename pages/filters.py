"""Inside the convolutions: the living picture, then whether its filters are real, and the map of films."""

from dataclasses import replace

import streamlit as st

from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, results, visitor, wording
from caser.dashboard.figures.plot import PRINTED
from caser.dashboard.film import catalogue_scores, drawn_with_the_page, pick_film
from caser.dashboard.filters import curves, film_map, old_addresses, planted, real
from caser.dashboard.filters.scene import set_scene
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.picture import knob_effect, picture
from caser.dashboard.presenting.stage import presenting
from caser.dashboard.selection import choice, lead_to, link, quoted, write_on_page
from caser.dashboard.view import View
from caser.field import works
from caser.words import W, spoken

TABS = {view.TITLE: view for view in (real, film_map)}
TAB = "view"  # the parameter in the URL, and the widget's key


def main() -> None:
    view = open_page("Filters", ":material/grid_on:", one_screen=True)
    require_model(view)
    read_address(view)
    headline = st.container(horizontal=True, vertical_alignment="center")
    picture.draw(view)
    knob_effect.draw(view)
    for_all(view)
    if view.trained.model.has_filters:
        body(view)
    elif view.trained.model.has_curves:
        curves_below(view)
    else:
        without_filters(view)
    with headline:  # after the picture, which has not to wait for it
        with st.popover(f"Change {W.viewer}", icon=":material/person:", width="content"):
            visitor.picker(view)
        planted.draw(view)
        textbook(view)
    close_page(view)


def for_all(view: View) -> None:
    """What each part is worth to all viewers, where it was measured, and what the usual method has of it."""
    if not view.trained.model.has_filters or presenting():
        return
    measured = results.works(view.pair[0], view.trained, view.split, "hr@50")
    said = works.taken_out(measured) if measured else ""
    st.caption(f"{wording.plain(said)} The usual method (MF) has only who is {W.watching}, no order.".strip())


def textbook(view: View) -> None:
    """The way to a model small enough that every number of it can be read, where there is one."""
    if getattr(view.trained.model.config, "d", 0) <= PRINTED:
        return
    small = (one for one in loaders.with_filters(view.dataset.name) if one.model.config.d <= PRINTED)
    if one := next(small, None):
        look_into(view, one, "Textbook-sized: {}", ":material/zoom_in:")


def look_into(view: View, other: Checkpoint, label: str, icon: str) -> None:
    """A link to the same films in another model, whose name stands in the label."""
    params = replace(view.selection, model=other.name).params()
    link("filters", label.format(wording.plain(other.name)), params, icon)


def read_address(view: View) -> None:
    """An address of an earlier version leads to what shows the same."""
    if st.query_params.get(TAB) == old_addresses.TWO_HISTORIES:
        lead_to("recommend", view.selection.params() | {"ask": old_addresses.TWO_HISTORIES})
    changes, unknown = old_addresses.today(st.query_params.to_dict(), view.trained.model)
    if unknown:
        st.warning(f"{quoted(', '.join(unknown))} in the address: this model has no such part to switch off.")
    if changes:
        write_on_page(**changes)


def without_filters(view: View) -> None:
    """The picture above shows what there is; say where filters are to be seen."""
    st.caption(f"{wording.plain(view.trained.name)} has no filters to look into.")
    for one in loaders.with_filters(view.dataset.name):
        look_into(view, one, "Look into {}", ":material/arrow_forward:")


@st.fragment
def curves_below(view: View) -> None:
    """The curves, once they are asked for: every change to them is ranked for all test viewers."""
    if choice(st.segmented_control, "Below the picture", [curves.TITLE], TAB, "", label_visibility="collapsed"):
        st.caption(spoken(curves.NOTE))
        curves.draw(view)


@st.fragment
def body(view: View) -> None:
    """The view chosen below the picture, none at first; only this part is drawn anew when something in it changes."""
    drawn_with_the_page(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tabs = choice(st.segmented_control, "Below the picture", list(TABS), TAB, "", label_visibility="collapsed")
        if tabs is None:
            return
        scores = catalogue_scores(view)
        item = pick_film(view, scores)
    st.caption(spoken(TABS[tabs].NOTE))
    TABS[tabs].draw(set_scene(view, item, scores))


main()
