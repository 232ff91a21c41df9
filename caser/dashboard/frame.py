"""The parts that pages share. Pickers act on the visitor's selection; the rest only draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from caser import data
from caser.dashboard import diagram, loaders, theme, wording
from caser.dashboard import first_download as first_fetch
from caser.dashboard import selection as state
from caser.dashboard.figures import comparison as figures
from caser.dashboard.figures import plot as canvas
from caser.dashboard.figures.plot import rank_words
from caser.dashboard.selection import View
from caser.evaluation import METRIC_LABELS
from caser.explain.filters import Trace
from caser.recommend import rank_of

SIMULATED = "simulated viewers"
# Plotly knows one text colour for light and dark; marks' labels take the page's own instead.
_INK = "<style>.stPlotlyChart .textpoint text {fill: currentColor !important}</style>"


# ---- what every page begins and ends with


def open_page(title: str, icon: str) -> View:
    """The page's title, the pickers in the sidebar, and the notices; returns what is looked at."""
    _enter_through_app()
    chosen = state.selection()
    with st.sidebar:
        _dataset_picker(chosen)
        _model_picker(chosen)
    view = state.view(chosen)
    badge = f" :orange-badge[{SIMULATED}]" if view.dataset.simulated else ""
    st.html(_INK)
    st.title(f"{icon} {title}{badge}", anchor=False)
    _download_notice(chosen)
    for text in state.notices():
        st.warning(text, icon=":material/info:")
    return view


def _enter_through_app() -> None:
    """Load once more where this page was run without app.py.

    Until app.py has run once, Streamlit takes the folder pages/ for its older kind of multipage app, so
    a server's very first visit to the address of a page runs that page's file alone.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.html("<script>window.location.reload()</script>", unsafe_allow_javascript=True)
        st.stop()


def close_page(view: View) -> None:
    """The licence line."""
    st.caption(view.dataset.licence)


def require_model(view: View) -> None:
    """End the page with advice where the data set has no trained model."""
    if view.trained is not None:
        return
    name = view.selection.dataset
    st.info(
        f"No model has been trained on {loaders.label(name)} yet. Train one on the Train page, or with "
        f"`python -m caser train --dataset {name} --model caser --name {name}-caser`.",
        icon=":material/model_training:",
    )
    for problem in loaders.shelf(name).problems.values():
        st.warning(problem, icon=":material/info:")
    link("train", "Open the Train page", view)
    close_page(view)
    st.stop()


def link(page: str, label: str, view: View, icon: str | None = None, **changes) -> None:
    """A link to one of the pages that keeps the selection, or opens it with some fields changed."""
    params = state.replace(view.selection, **changes).params()
    st.page_link(f"pages/{page}.py", label=label, icon=icon, query_params=params)


def chart(figure: go.Figure, caption: str, view: View, key: str | None = None, **options):
    """A figure with its title as text above it, which wraps on narrow screens, and a caption in words below.

    The figure is the page's to change: its title is taken out. Further options go to `st.plotly_chart`,
    whose answer is returned.
    """
    title, figure.layout.title.text = figure.layout.title.text, ""
    figure.layout.margin.t -= canvas.TITLE
    with st.container(gap="xsmall"):
        st.markdown(f"**{wording.plain(title)}**")
        config = {"displayModeBar": False, "scrollZoom": False}
        answer = st.plotly_chart(figure, key=key, config=config, alt=f"{title}. {caption}", **options)
        st.caption(f"{caption} · {SIMULATED}" if view.dataset.simulated else caption)
    return answer


# ---- data set and model, in the sidebar


def _dataset_picker(chosen: state.Selection) -> None:
    there = [name for name, source in data.sources().items() if source.available]
    st.session_state["data set picker"] = chosen.dataset
    st.selectbox(
        "Data set",
        there,
        key="data set picker",
        format_func=loaders.label,
        on_change=lambda: state.choose(dataset=st.session_state["data set picker"]),
    )


def _model_picker(chosen: state.Selection) -> None:
    if chosen.model is None:
        return
    st.session_state["model picker"] = chosen.model
    st.selectbox(
        "Model",
        loaders.shelf(chosen.dataset).models,
        key="model picker",
        on_change=lambda: state.choose(model=st.session_state["model picker"]),
        help="Checkpoints trained on this data set. It is held against plain matrix factorisation (MF).",
    )


# ---- the first fetch of MovieLens


def _download_notice(chosen: state.Selection) -> None:
    if first_fetch.first_set_is_here():
        return
    if first_fetch.first_download().running:
        _download_progress(chosen)
        return
    with st.container(border=True):
        st.markdown(
            f"**{loaders.label(first_fetch.FIRST)} could not be fetched**, so this is cinema: real films, "
            f"{SIMULATED}. Everything works the same on it."
        )
        st.caption(first_fetch.first_download().error)
        st.button("Try again", icon=":material/refresh:", on_click=_try_again)


def _try_again() -> None:
    first_fetch.first_download().start()
    first_fetch.first_download().wait(0.3)


@st.fragment(run_every=1.0)
def _download_progress(chosen: state.Selection) -> None:
    """Watch the download without holding up the page; an untouched page turns to MovieLens once it is here."""
    fetch = first_fetch.first_download()
    if fetch.running:
        size = f"{fetch.done / 1e6:.1f} MB" + (f" of {fetch.total / 1e6:.1f} MB" if fetch.total else "")
        st.progress(
            min(fetch.done / fetch.total, 1.0) if fetch.total else 0.0,
            f"Fetching {loaders.label(first_fetch.FIRST)}: {size}. Meanwhile this is cinema, with {SIMULATED}.",
        )
        return
    if data.available(first_fetch.FIRST) and chosen.dataset == data.EMBEDDED and not state.touched():
        state.turn_to(first_fetch.FIRST)
    st.rerun(scope="app")


# ---- how much to list


def list_options(view: View) -> None:
    """How many films to list, and whether those already watched may be among them."""
    st.session_state["k picker"] = view.selection.k
    st.number_input(
        "Films to list",
        1,
        state.K_MOST,
        key="k picker",
        on_change=lambda: state.choose(k=int(st.session_state["k picker"])),
        width=130,
    )
    st.session_state["rewatch picker"] = view.selection.rewatch
    st.toggle(
        "Re-watching allowed",
        key="rewatch picker",
        on_change=lambda: state.choose(rewatch=st.session_state["rewatch picker"]),
        help="Also list films already watched. Evaluation always leaves them out.",
    )


def download(content: Callable[[], str], file_name: str) -> None:
    """A button that saves a CSV, which is made when it is pressed."""
    st.download_button(
        "Download both lists (CSV)", content, file_name, "text/csv", icon=":material/download:", on_click="ignore"
    )


# ---- cards


def metric_card(view: View, metric: str, label: str) -> None:
    """The model's test mean with its interval, and its distance from MF's."""
    about = view.trained.metadata
    low, high = about.intervals[metric]
    gain, beside = None, None
    if view.baseline:
        mf = view.baseline.metadata.test[metric]
        gain, beside = f"{100 * (about.test[metric] - mf):+.1f} points", f"on MF ({mf:.1%})"
    st.metric(label, f"{about.test[metric]:.1%}", gain, border=True, delta_description=beside)
    st.caption(f"{METRIC_LABELS[metric]}, 95 % interval {low:.1%} to {high:.1%}")


def film_strip(view: View) -> None:
    """The films that the model reads, in order."""
    reads = view.trained.model.L if view.trained else len(view.window)
    genres = view.dataset.catalogue["genres"]
    films = [(wording.film_name(view, item), ", ".join(genres.iat[item])) for item in view.window]
    st.html(diagram.film_strip(films, reads - len(films)))


def protocol(view: View) -> None:
    """How the numbers on the page were measured."""
    st.caption(wording.protocol(view))
    seed_rule(view)


def seed_rule(view: View) -> None:
    """Say so where a model's numbers come from the seed chapter's own negative rule."""
    for loaded in filter(None, (view.trained, view.baseline)):
        if loaded.metadata.config.training.hide_test:
            st.warning(wording.SEED_RULE.format(name=loaded.name), icon=":material/info:")


def verdict(view: View, scores: dict[str, np.ndarray]) -> None:
    """Where each model ranks the film that was really watched next, if one is known.

    Args:
        scores: float (n_items,) by the models' names.
    """
    if view.target is None:
        return
    places = [
        f"{theme.signed(name)} ranks it **{rank_words(rank_of(own, view.target, view.left_out))}**"
        for name, own in scores.items()
    ]
    candidates = view.dataset.n_items - len(set(view.left_out))
    st.subheader(f"{theme.TRUTH_MARK} {wording.watched_next(view)}", anchor=False)
    st.markdown(f"{' · '.join(places)} of {candidates:,} films")


def picked_viewer(points: dict, view: View) -> None:
    """A link to the viewer whose mark was clicked in a chart with user ids as customdata."""
    picked = [point["customdata"] for point in points["selection"]["points"] if "customdata" in point]
    if picked:
        user = int(np.ravel(picked[0])[0])
        link("recommend", f"Open viewer {user} on Recommend", view, icon=":material/person:", user=user, sequence=None)


def activations(view: View, trace: Trace, weights: np.ndarray) -> None:
    """Both kinds of filters on the films in view."""
    films = ["no film"] * (len(trace.sequence) - len(view.window))
    films += [wording.film_name(view, item) for item in view.window]
    left, right = st.columns([5, 3], gap="large")
    with left:
        chart(
            figures.horizontal_activations(trace, films),
            "Horizontal filters look for a pattern in one film or several in a row, a block of columns each. "
            "A frame marks the window that max pooling keeps, with its value; a filter without a frame is silent",
            view,
        )
    with right:
        chart(
            figures.vertical_weights(weights, films),
            "Vertical filters blend the films with one weight a position, the same for everybody",
            view,
        )
        link("filters", "Look inside the filters", view, icon=":material/arrow_forward:")


def architecture(view: View) -> None:
    """Caser as a chain of drawings; each opens the page that shows that part."""
    config = view.trained.metadata.config.model
    L, d = view.trained.model.L, getattr(config, "d", 0)
    n_h, n_v = getattr(config, "n_h", 0), getattr(config, "n_v", 0)
    parts = [
        (diagram.matrix(), "Films as a matrix", f"The last {L} films, {d} learnt numbers each", "data"),
        (diagram.horizontal(), "Horizontal filters", f"{n_h} for every run of 1 to {L} films", "filters"),
        (diagram.vertical(), "Vertical filters", f"{n_v} blends of all {L} films", "filters"),
        (diagram.person(), "Plus who is watching", "A vector of the films, one of the viewer", "train"),
        (diagram.ranking(), "A score for every film", f"{view.dataset.n_items:,} films, best first", "recommend"),
    ]
    for number, (column, part) in enumerate(zip(st.columns(len(parts), gap="small"), parts, strict=True), 1):
        drawing, title, text, page = part
        with column.container(border=True, height="stretch"):
            st.html(drawing)
            st.markdown(f"**{number}. {title}**  \n{text}")
            link(page, page.capitalize(), view, icon=":material/arrow_forward:")
