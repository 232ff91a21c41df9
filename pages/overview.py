"""What comes next after a few films: the films, the model at work on them, how good it is, and the way on."""

import streamlit as st

from caser.dashboard import reason, wording
from caser.dashboard.film import catalogue_scores, explanation_of
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.overview import doors, field, films
from caser.dashboard.picture import picture
from caser.dashboard.presenting import tour
from caser.dashboard.view import View
from caser.recommend import rank_items


def main() -> None:
    view = open_page("What will you watch next?", one_screen=True)
    require_model(view)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(wording.bag_or_order(view), width="stretch")
        films.surprise(view)
        tour.begin(view)
    films.draw(view)
    picture.draw(view, small=True)
    left, right = st.columns([3, 2], gap="large")
    with left:
        field.draw(view)
    with right:
        why(view)
        doors.draw(view)
    close_page(view)


def why(view: View) -> None:
    """Why the first film is first, in one sentence."""
    first = rank_items(catalogue_scores(view), 1, view.left_out)
    with st.container(key="why"):
        for item in first.tolist():
            st.markdown(reason.in_short(view, explanation_of(view, item)))


main()
