"""What can be taken along of a list: a link, a picture, a slide, a page, and both lists as a table."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from caser import words
from caser.dashboard.film import drawn_with_the_page, explanation_of, film_explained
from caser.dashboard.parts import download, file_name
from caser.dashboard.picture import picture, weights
from caser.dashboard.recommend import lists
from caser.dashboard.runtime.component import component
from caser.dashboard.table import content as tables
from caser.dashboard.view import View
from caser.explain.film_map import film_vectors
from caser.handout import drawing, page
from caser.handout.content import LATEST, Handout, Visitor, conditions_said, handout
from caser.picture.payload import Payload, fits_browser
from caser.picture.script import script
from caser.recommend import recommend
from caser.words import W

KEY = "hand on"
_mount = component("caser_hand_on", __file__, '<div class="hand-on"></div>', library=script("saving"))


@st.fragment
def draw(view: View, scores: list[np.ndarray]) -> None:
    """The button; what it opens is worked out once it is open.

    Args:
        scores: float (n_items,), of each model of the pair.
    """
    drawn_with_the_page(view)
    with st.popover("Hand on", icon=":material/ios_share:", key=KEY, on_change="rerun") as opened:
        if opened.open:
            with st.container(width=320):
                _ways(view, scores)


def _ways(view: View, scores: list[np.ndarray]) -> None:
    item, visitor = film_explained(view, scores[0]), _visitor(view)
    shown = _content(view, visitor, item)
    if view.selection.private:
        st.caption(_what_it_shows(shown))
    name = file_name(f"{shown.title} {'' if view.anonymous else view.who} {view.name}")
    formats = (("Picture (PNG)", "picture", drawing.PICTURE), ("Slide (16:9)", "slide", drawing.SLIDE))
    drawings = [
        {"name": label, "svg": drawing.svg(shown, shape), "file": f"{name}-{suffix}.png"}
        for label, suffix, shape in formats
    ]
    _mount(key=f"{KEY} drawings", data={"drawings": drawings})
    packed = weights.payload(view.trained, view.split) if fits_browser(view.trained.model) else None
    names = picture.filter_names(view) if packed else {}
    whole = partial(_page, words.noun(), view, shown, visitor, item, packed, names)
    download("Page (HTML)", whole, f"{name}.html", "text/html")
    both = {one.name: lists.listed(view, side, scores[side]) for side, one in enumerate(view.pair)}
    download("Both lists (CSV)", partial(tables.download, both, view.target), f"{name}.csv", "text/csv")


def _visitor(view: View) -> Visitor:
    who = "" if view.anonymous else view.who
    return Visitor(view.user, view.history, who, view.target, view.selection.rewatch)


def _content(view: View, visitor: Visitor, item: int) -> Handout:
    vectors = film_vectors(view.trained.model) if view.selection.variety else None
    variety = 0.0 if vectors is None else view.selection.variety
    films = recommend(
        view.trained.model,
        view.dataset,
        view.user,
        view.history,
        view.selection.k,
        view.selection.rewatch,
        lists.temperature(view, 0),
        view.narrowing,
        variety,
        vectors,
    )
    said = conditions_said(view.narrowing, view.dataset, variety)
    return handout(view.trained, view.dataset, visitor, films, explanation_of(view, item), said)


def _what_it_shows(shown: Handout) -> str:
    """What of a private history leaves with a file."""
    films = f"your {W.films}" if not shown.before else f"the last {LATEST} of your {W.films}"
    also = f", {shown.named} more that the reason names," if shown.named else ""
    return (
        f"Files show {films}{also} and the list; nothing else of your history. The link has none of your {W.films}: "
        "it shows them in this window alone."
    )


def _page(
    noun: str, view: View, shown: Handout, visitor: Visitor, item: int, packed: Payload | None, names: dict[str, str]
) -> str:
    """The page, made outside the page's own run when its button is pressed."""
    with words.speaking(noun):
        living = page.picture_of(packed, view.trained, view.dataset, visitor, item, names) if packed else ""
        return page.html(shown, view.dataset, living)
