"""What Caser is, how much it beats MF here, one example, and how it works; ten seconds each."""

import streamlit as st

from caser.checkpoint import Checkpoint
from caser.dashboard import frame as components
from caser.dashboard import loaders, theme, wording
from caser.dashboard.figures import comparison as figures
from caser.dashboard.figures.plot import rank_words
from caser.dashboard.selection import View
from caser.recommend import rank_of, recommend, score_catalogue

EXAMPLE = 5  # films of each list


def main() -> None:
    view = components.open_page("Caser Explorer", ":material/home:")
    components.require_model(view)
    st.markdown(
        f"**Caser reads the last {view.trained.model.L} films somebody watched like a small picture.** Filters slide "
        "over it, as in image recognition, and find patterns in what was watched, and in which order. "
        "Plain matrix factorisation (MF) knows a viewer's taste, but not what they have just seen."
    )
    numbers(view)
    example(view)
    st.subheader("How it works", anchor=False)
    components.architecture(view)
    components.close_page(view)


def numbers(view: View) -> None:
    about, mf = view.trained.metadata, view.baseline.metadata if view.baseline else None
    cards, chart = st.columns([1, 2], gap="large")
    with cards:
        components.metric_card(view, "hr@50", f"Next film in {view.name}'s top 50")
        components.metric_card(view, "auc", "Other films ranked below it")
    with chart:
        summaries = {view.name: (about.test, about.intervals)} | ({"MF": (mf.test, mf.intervals)} if mf else {})
        components.chart(
            figures.metrics(summaries),
            f"{about.users_evaluated:,} viewers of {loaders.label(about.dataset)}; bars are 95 % intervals",
            view,
        )
    components.seed_rule(view)


def example(view: View) -> None:
    st.subheader(f"For example, {view.who}", anchor=False)
    st.markdown(f"{wording.reading(view)} {wording.why_this_viewer(view)}")
    components.film_strip(view)
    lists = st.columns(2 if view.baseline else 1)
    for column, loaded in zip(lists, filter(None, (view.trained, view.baseline)), strict=True):
        with column.container(border=True, height="stretch"):
            suggestions(view, loaded)
    components.link("recommend", "Try another viewer, or your own films", view, icon=":material/arrow_forward:")


def suggestions(view: View, loaded: Checkpoint) -> None:
    table = recommend(loaded.model, view.dataset, view.user, view.history, EXAMPLE)
    lines = [wording.list_line(view, place, item) for place, item in enumerate(table.index, 1)]
    name = theme.name_of(loaded.metadata.config.model.name)
    st.markdown(f"{theme.signed(name)} suggests\n\n" + "\n".join(lines))
    if view.target is not None:
        scores = score_catalogue(loaded.model, view.user, view.history)
        rank = rank_of(scores, view.target, exclude=view.history)
        st.markdown(f"{theme.TRUTH_MARK} {wording.watched_next(view)} is ranked **{rank_words(rank)}**")


main()
