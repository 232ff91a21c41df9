"""What comes next for a viewer or for a sequence of films, by two models, and why."""

from functools import partial

import streamlit as st

from caser.dashboard import visitor, wording
from caser.dashboard.film import catalogue_scores, film_explained
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.parts import film_strip, list_options, verdict
from caser.dashboard.recommend import hand_on, lists, narrow, why
from caser.dashboard.view import View
from caser.words import W


def main() -> None:
    view = open_page("Recommend", ":material/recommend:")
    require_model(view)
    why.read_address(view)
    visitor.picker(view)
    st.markdown(wording.reading(view))
    if view.anonymous:
        visitor.editor(view)
        st.caption(wording.stranger(view))
    else:
        film_strip(view)
    scores = [catalogue_scores(view, at) for at in range(len(view.pair))]
    verdict(view, scores)
    lists.read_temperature()
    left, right = st.columns([5, 6], gap="medium")
    with left:
        own_list(view, scores)
    with right:
        why.show(view)
    why.clear_cases(view)
    close_page(view)


def own_list(view: View, scores: list) -> None:
    """The picked model's list, and what can be done with it."""
    narrow.bar(view, partial(options, view, scores))
    lists.draw(view, 0, film_explained(view, scores[0]), narrow.acts(view))
    st.caption(f"Click {W.a_film} to see why it is where it is.")


def options(view: View, scores: list) -> None:
    """How the list is made, and how it is handed on."""
    with st.popover("List options", icon=":material/tune:"):
        list_options(view)
        lists.pick_temperature(view)
    hand_on.draw(view, scores)


main()
