"""Inside the convolutions: the visitor's films flowing through them, and what each filter looks for."""

import streamlit as st

from caser.dashboard import film as explained
from caser.dashboard import frame as components
from caser.dashboard import loaders, visitor
from caser.dashboard.figures import plot as canvas
from caser.dashboard.filters import all_filters as filter_grid
from caser.dashboard.filters import scene as filters_view
from caser.dashboard.filters import switch_off as switching_off
from caser.dashboard.selection import View

VIEWS = {  # what each view draws with, what it shows, and what it does not
    "Walk-through": (
        filters_view.flow,
        "Shows the real numbers of these films and this score. It does not say what other films would have given.",
    ),
    "Step by step": (
        filters_view.stepper,
        "Shows one filter's arithmetic exactly. It does not show what the answer is then used for.",
    ),
    "All filters": (
        filter_grid.show,
        "Shows what each filter adds to this one score through the units that are active now. It does not show causes.",
    ),
    "Positions": (
        filters_view.vertical,
        "Shows how much the vertical filters weigh each position. It leaves out the horizontal filters.",
    ),
    "Map": (
        filters_view.film_map,
        "Shows the two widest directions of many, so films near here may be far apart in the model.",
    ),
    "Switch off": (
        switching_off.show,
        "Shows what the trained model does without a part. A model trained without it from the start might do better.",
    ),
    "Forming": (
        filters_view.forming,
        "Shows the filters alone at a few epochs. The film rows they are multiplied with were learning too.",
    ),
}


def main() -> None:
    view = components.open_page("Filters", ":material/grid_on:")
    components.require_model(view)
    if not explained.is_caser(view):
        not_caser(view)
    elif not view.trained.model.has_sequence_part:
        st.info("This Caser was trained without any filter; pick another model in the sidebar.")
    else:
        st.markdown(explained.watched(view))
        with st.expander("Change who is watching, or the films", icon=":material/person:"):
            visitor.picker(view)
            if view.anonymous:
                visitor.editor(view)
        body(view)
        explained.planted_notice(view)
        smaller(view)
    components.close_page(view)


def not_caser(view: View) -> None:
    """Say why there is nothing to see, and where to go."""
    st.info(f"{view.name} has no convolutions, so there are no filters to look into.", icon=":material/info:")
    for name in loaders.shelf(view.dataset.name).models:
        if loaders.metadata(name).config.model.name == "caser":
            components.link("filters", f"Look into {name}", view, icon=":material/arrow_forward:", model=name)


def smaller(view: View) -> None:
    """Where there is a model whose filters can be read number by number, point to it."""
    for name in loaders.shelf(view.dataset.name).models:
        config = loaders.metadata(name).config.model
        if config.name == "caser" and config.d <= canvas.PRINTED < view.trained.model.config.d:
            label = f"Read every number in {name} (d = {config.d})"
            components.link("filters", label, view, icon=":material/zoom_in:", model=name)


@st.fragment
def body(view: View) -> None:
    """The view chosen; only this part is drawn anew when something in it changes."""
    scores = explained.scores(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        item = explained.pick_film(view, scores)
        chosen = st.segmented_control(
            "View", VIEWS, key="view", default=next(iter(VIEWS)), required=True, wrap=True, bind="query-params"
        )
    draw, note = VIEWS[chosen]
    st.caption(note)
    draw(filters_view.scene(view, item, scores))


main()
