"""What the model is, how much it beats MF here, one example, and how it works; ten seconds each."""

import streamlit as st

from caser.dashboard import names, results, theme, wording
from caser.dashboard.figures.compare import comparison as figures
from caser.dashboard.frame import close_page, open_page, require_model
from caser.dashboard.lineup import Contender
from caser.dashboard.names import rank_words
from caser.dashboard.parts import architecture, chart, film_strip, metric_card, seed_rule
from caser.dashboard.presenting import tour
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.recommend import rank_of, recommend, score_catalogue
from caser.words import W, spoken

EXAMPLE = 5  # films of each list


def main() -> None:
    view = open_page("Caser Explorer", ":material/home:")
    require_model(view)
    against = f" {wording.plain(view.rival.name)} {spoken(view.rival.model.summary)}." if view.rival else ""
    st.markdown(f"{wording.about(view)}{against}")
    tour.begin(view)
    if works := wording.what_works(view):
        st.markdown(works)
        link("compare", "What does the work, in full", view.selection.params(), ":material/arrow_forward:")
    numbers(view)
    example(view)
    st.subheader("How it works", anchor=False)
    architecture(view)
    close_page(view)


def numbers(view: View) -> None:
    viewers = len(results.ranks(view.pair[0], view.split).users)
    cards, beside = st.columns([1, 2], gap="large")
    with cards:
        metric_card(view, "hr@50", f"{W.Viewers} whose next {W.film} is in {wording.plain(view.name)}'s top 50")
        metric_card(view, "auc", f"Other {W.films} it ranks below the next one, on average")
    with beside:
        summaries = {one.name: results.summary(one, view.split) for one in view.pair}
        chart(
            figures.metrics(summaries, {one.name: one.look for one in view.pair}),
            f"{viewers:,} {W.viewers} of {names.dataset(view.dataset.name)}; bars are 95 % intervals",
            view,
        )
    seed_rule(view)


def example(view: View) -> None:
    st.subheader(f"For example, {wording.plain(view.who)}", anchor=False)
    st.markdown(f"{wording.reading(view)} {wording.why_this_viewer(view)}")
    film_strip(view)
    for column, one in zip(st.columns(len(view.pair)), view.pair, strict=True):
        with column.container(border=True, height="stretch"):
            suggestions(view, one)
    label = f"Try another {W.viewer}, or your own {W.films}"
    link("recommend", label, view.selection.params(), ":material/arrow_forward:")


def suggestions(view: View, one: Contender) -> None:
    table = recommend(one.model, view.dataset, view.user, view.history, EXAMPLE)
    lines = [wording.list_line(view, place, item) for place, item in enumerate(table.index, 1)]
    st.markdown(f"{one.signed} suggests\n\n" + "\n".join(lines))
    if view.target is not None:
        rank = rank_of(score_catalogue(one.model, view.user, view.history), view.target, exclude=view.history)
        st.markdown(f"{theme.TRUTH_MARK} {wording.watched_next(view)} is ranked **{rank_words(rank)}**")


main()
