"""What the models learn from: size, histories, popularity, genres, ties in time, and windows."""

import numpy as np
import streamlit as st

from caser.dashboard import names, visitor, wording
from caser.dashboard.figures import data as data_figures
from caser.dashboard.frame import close_page, open_page
from caser.dashboard.own import bring, shelf
from caser.dashboard.parts import chart
from caser.dashboard.table import content, table
from caser.dashboard.view import View
from caser.data.dataset import tie_shares
from caser.field.cases import SEQUENCE_LENGTH
from caser.words import W


def main() -> None:
    view = open_page("Data", ":material/database:")
    bring.button()
    sizes(view)
    for note in view.dataset.notes:
        st.warning(wording.plain(names.capital(note)), icon=":material/info:")
    left, right = st.columns(2, gap="large")
    with left:
        histories(view)
    with right:
        genres_and_ties(view)
    windows(view)
    shelf.draw()
    close_page(view)


def sizes(view: View) -> None:
    dataset = view.dataset
    with st.container(horizontal=True):
        for label, value, help in (
            (f"Simulated {W.viewers}" if dataset.simulated else f"{W.Viewers}", f"{dataset.n_users:,}", None),
            (W.Films, f"{dataset.n_items:,}", None),
            ("Views", f"{len(dataset):,}", f"A view is one {W.viewer} {W.watching}, or rating, one {W.film}"),
            ("Density", f"{len(dataset) / dataset.n_users / dataset.n_items:.1%}", "Share of all possible views"),
        ):
            st.metric(label, value, border=True, help=help, width=160)


def histories(view: View) -> None:
    lengths, counts = np.diff(view.dataset.offset), view.dataset.views
    chart(data_figures.history_lengths(lengths), f"{W.Viewers} by how many {W.films} they {W.watched}", view)
    chart(
        data_figures.popularity_curve(counts), f"The share of all views that go to the most {W.watched} {W.films}", view
    )


def genres_and_ties(view: View) -> None:
    shares = content.genres_of(view.dataset)
    chart(data_figures.genres(*shares), f"Genres by their share of {W.films} and of views", view)
    last, neighbours = tie_shares(view.dataset)
    ties = {
        f"{W.Viewers} whose last {W.film} is tied with another": last,
        f"Neighbouring {W.films} {W.watched} at the same time": neighbours,
    }
    rule = (
        f"{W.Films} {W.watched} at the same time have no known order; the {view.split.ties} of them in file "
        "order is held out"
    )
    chart(data_figures.ties(ties), rule, view)


def windows(view: View) -> None:
    reads = (view.trained.model.L if view.trained else 0) or SEQUENCE_LENGTH
    st.subheader(f"The windows of {wording.plain(view.who)}", anchor=False)
    st.markdown(f"A model that reads {reads} {W.films} learns from every row: the {W.films} before, and the next one.")
    visitor.picker(view)
    if view.anonymous:
        visitor.editor(view)
    named = np.array([wording.film_name(view, item) for item in [*view.history, *view.held_out]], object)
    matrix = content.window_matrix(named, reads)
    table.show(table.plain(matrix, f"The last windows of {view.who}"), "windows")
    if view.target is not None:
        st.caption(f"The last row is the test: its next {W.film} is held out from training.")


main()
