"""What every page begins and ends with: pages, pickers, notices, and the first fetch of MovieLens."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pandas as pd
import streamlit as st

from caser import checkpoint, data
from caser.dashboard import loaders, names, public, selection, wording
from caser.dashboard.names import SIMULATED
from caser.dashboard.presenting import charts, glossary, stage, tour
from caser.dashboard.runtime.speech import speak_of
from caser.dashboard.selection import Selection
from caser.dashboard.table import table
from caser.dashboard.view import View, look_at
from caser.dashboard.waiting import first_download
from caser.data.dataset import Dataset, TooShort, statistics
from caser.words import W, spoken

PAGES = {  # by file: title and icon
    "overview": ("Overview", ":material/home:"),
    "recommend": ("Recommend", ":material/recommend:"),
    "filters": ("Filters", ":material/grid_on:"),
    "compare": ("Compare", ":material/balance:"),
    "chapter": ("Chapter", ":material/menu_book:"),
    "train": ("Train", ":material/model_training:"),
    "data": ("Data", ":material/database:"),
}
ICON = Path(__file__).with_name("icon.png")  # our own: one given by name is fetched from a font server
# Captions, and on dark the chips of a choice of several, are too faint for WCAG as they come.
# Plotly knows one text colour for light and dark; marks' labels take the page's own instead.
_STYLE = """<style>
.stPlotlyChart .textpoint text {fill: currentColor !important}
[data-testid="stCaptionContainer"] {color: inherit !important; opacity: .8}
[data-testid="stMultiSelect"] span:has(> span[title]), [data-testid="stMultiSelect"] span[title] {
  background-color: rgba(128,128,128,.18) !important; color: inherit !important}
[data-testid="stMultiSelect"] span[title] {background-color: transparent !important}
</style>"""


def open_page(title: str, icon: str = "", one_screen: bool = False) -> View:
    """The page's title, the sidebar, and the notices; returns the view.

    Args:
        one_screen: whether all of the page is to be seen at once while somebody presents it.
    """
    st.html(_STYLE)
    chosen = selection.selection()
    speak_of(data.noun(chosen.dataset))
    with stage.beside_the_page(one_screen):
        _navigation(chosen)
        _dataset_picker(chosen)
        _model_picker(chosen)
        _rival_picker(chosen)
        stage.switch()
        charts.settings()
        glossary.draw()
    dataset = loaders.dataset(chosen.dataset)
    badge = f" :orange-badge[{SIMULATED}]" if dataset.simulated else ""
    st.title(f"{icon} {spoken(title)}{badge}".strip(), anchor=False)
    _download_notice(chosen)
    for text in selection.notices():
        st.warning(text, icon=":material/info:")
    try:
        view = look_at(chosen)
    except TooShort as error:
        _too_short(dataset, error)
    if view.trained is not None:
        tour.draw(view)
    return view


def _too_short(dataset: Dataset, error: TooShort) -> NoReturn:
    """End the page with the facts of a data set in which nothing can be held out."""
    st.warning(f"{names.capital(public.said(str(error)))}.", icon=":material/info:")
    for note in dataset.notes:
        st.warning(wording.plain(note), icon=":material/info:")
    facts = statistics(dataset, data.source(dataset.name).noun)
    rows = {"What": list(facts), "How much": [f"{value:,}" for value in facts.values()]}
    table.show(table.plain(pd.DataFrame(rows), f"What {dataset.name} holds"), "statistics")
    st.caption(dataset.licence)
    st.stop()


def close_page(view: View) -> None:
    """The licence line, beside the page; not while somebody presents it."""
    if not stage.presenting():
        st.sidebar.caption(view.dataset.licence)


def require_model(view: View) -> None:
    """End the page with advice where the data set has no trained model."""
    if view.trained is not None:
        return
    name = view.selection.dataset
    st.info(
        f"No model has been trained on {names.dataset(name)} yet. Train one on the Train page, or with "
        f"`{checkpoint.train_command(name, 'caser')}`.",
        icon=":material/model_training:",
    )
    for problem in loaders.shelf(name).problems.values():
        st.warning(wording.plain(problem), icon=":material/info:")
    selection.link("train", "Open the Train page", view.selection.params())
    close_page(view)
    st.stop()


# ---- pages, data set and model, in the sidebar


def _navigation(chosen: Selection) -> None:
    """The pages as links that carry the selection, so that a page turn is one entry of the browser's history."""
    with st.container(gap="xxsmall"):
        for page, (title, icon) in PAGES.items():
            selection.link(page, title, chosen.params(), icon)


def _dataset_picker(chosen: Selection) -> None:
    available = [name for name, source in data.sources().items() if source.available]
    st.session_state["data set picker"] = chosen.dataset
    st.selectbox(
        "Data set",
        available,
        key="data set picker",
        format_func=names.dataset,
        on_change=lambda: selection.choose(dataset=st.session_state["data set picker"]),
    )


def _model_picker(chosen: Selection) -> None:
    if chosen.model is None:
        return
    st.session_state["model picker"] = chosen.model
    st.selectbox(
        "Model",
        loaders.shelf(chosen.dataset).models,
        key="model picker",
        on_change=lambda: selection.choose(model=st.session_state["model picker"]),
        help="Checkpoints trained on this data set.",
    )
    if problems := loaders.shelf(chosen.dataset).problems:
        with st.expander(f"{len(problems)} cannot be read", icon=":material/info:"):
            for problem in problems.values():
                st.markdown(wording.plain(problem))


def _rival_picker(chosen: Selection) -> None:
    rivals = loaders.rivals(chosen.model) if chosen.model else []
    if not rivals:
        return
    st.session_state["rival picker"] = selection.rival_of(chosen)
    st.selectbox(
        "Compare with",
        rivals,
        key="rival picker",
        on_change=lambda: selection.choose(against=st.session_state["rival picker"]),
        help="The second model on every page: matrix factorisation (MF) unless you pick another.",
    )


# ---- the first fetch of MovieLens


def _download_notice(chosen: Selection) -> None:
    if first_download.first_set_is_here():
        return
    fetch, label = first_download.first_download(), names.dataset(first_download.FIRST)
    if fetch.running:
        _download_progress(chosen)
        return
    if chosen.dataset != data.EMBEDDED:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="not-fetched"):
        st.caption(
            f"**{label} could not be fetched**, so this is cinema: real {W.films}, {SIMULATED}. All pages work.",
            width="content",
            help=wording.plain(public.said(fetch.error)),
        )
        st.button("Try again", icon=":material/refresh:", type="tertiary", on_click=_try_again)


def _try_again() -> None:
    first_download.first_download().start()
    first_download.first_download().wait(0.3)


@st.fragment(run_every=1.0)
def _download_progress(chosen: Selection) -> None:
    """Watch the download without holding up the page; an untouched page turns to MovieLens once it is here."""
    fetch = first_download.first_download()
    if fetch.running:
        size = f"{fetch.done / 1e6:.1f} MB" + (f" of {fetch.total / 1e6:.1f} MB" if fetch.total else "")
        st.progress(
            min(fetch.done / fetch.total, 1.0) if fetch.total else 0.0,
            f"Fetching {names.dataset(first_download.FIRST)}: {size}. Meanwhile this is cinema, with {SIMULATED}.",
        )
        return
    if data.available(first_download.FIRST) and chosen.dataset == data.EMBEDDED and not selection.touched():
        selection.turn_to(first_download.FIRST)
    st.rerun(scope="app")
