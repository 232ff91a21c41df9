"""The living picture, mounted for what is selected."""

from __future__ import annotations

import json

import streamlit as st

from caser.dashboard import film, ids, names, results
from caser.dashboard.picture import knob_effect, weights
from caser.dashboard.selection import choose, page_text
from caser.dashboard.view import View
from caser.explain import filters
from caser.picture import data, page, served
from caser.picture.payload import fits_browser
from caser.picture.script import script

PARAMETERS = ("edits", "turn", "filter")  # of the page's own; the film looked at is part of the selection
_mount = st.components.v2.component(
    "caser_picture",
    html='<div class="picture-place"></div>',
    css=page.style(),
    js=f"{script('mounted')}\nexport default __mounted.mount;",
    isolate_styles=False,
)


@st.fragment
def draw(view: View, small: bool = False, key: str = "picture") -> None:
    """The whole flow from films to list, which moves and answers to the hand.

    Args:
        small: films, filters and the head of the list alone; other films are another history, nothing can be turned.
    """
    film.drawn_with_the_page(view)
    with st.container(key=key):
        _mount(
            key=f"{key} mounted",
            data=content(view, small),
            on_changed_change=lambda: _changed(view, f"{key} mounted", small),
        )


def content(view: View, small: bool = False) -> dict:
    """What the browser is told: where the weights are, whose films, and what the address says of them."""
    model = view.trained.model
    told = data.data(
        model,
        view.user,
        view.history,
        view.who,
        left_out=view.left_out,
        target=view.target,
        names=filter_names(view),
        state=_state(view),
    ) | {"small": small, "private": view.selection.private}
    if fits_browser(model):
        return told | {"weights": weights.address(weights.payload(view.trained, view.split))}
    scores = film.catalogue_scores(view)
    item = film.film_explained(view, scores)
    return told | served.content(view.trained, view.dataset, (view.user, view.history), item, scores, told)


def _state(view: View) -> dict:
    """What the address says that this model and these films have; the page says what it has not."""
    looked, opened, edits = view.selection.film, page_text("filter"), page_text("edits")
    model = view.trained.model
    known = {names.filter_name(*at) for at in filters.horizontal_filters(model)}
    known |= {filters.vertical_name(k) for k in range(len(filters.vertical_weights(model)))}
    return {
        "edits": edits,
        "turn": knob_effect.knobs_of(view)[0].text or None,
        "filter": opened if opened in known else None,
        "film": None if looked is None else ids.written(looked),
    }


def filter_names(view: View) -> dict[str, str]:
    """What filters look for, those that have a name."""
    if not view.trained.model.has_filters:
        return {}
    called = results.filter_names(view.trained, view.split)
    return {names.filter_name(*at): name.text for at, name in called.items() if name.named}


def _changed(view: View, key: str, small: bool) -> None:
    """Take over what the visitor has changed: the browser shows it already, in picture and address."""
    said = json.loads(st.session_state[key].get("changed") or "null")
    if said is None:
        return
    looked = None if said.get("film") is None else ids.film(view.dataset, said["film"])
    if small and said.get("edits"):
        films = (ids.film(view.dataset, part) for part in said["edits"].split(",") if part != ids.EMPTY)
        choose(sequence=(*_earlier(view), *films), film=looked)
        return
    turned = said.get(knob_effect.TURN) != page_text(knob_effect.TURN)
    choose({name: said.get(name) for name in PARAMETERS}, film=looked)
    if turned:
        st.rerun(knob_effect.KEY)


def _earlier(view: View) -> tuple[ids.OwnId, ...]:
    """Own ids of the visitor's own films that are too long ago to be read."""
    own = view.selection.sequence or ()
    return own[: len(own) - len(view.window)]
