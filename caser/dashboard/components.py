"""The parts that pages share. Pickers act on the visitor's selection; the rest only draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from caser import data
from caser.dashboard import diagram, download, loaders, presets, state, theme
from caser.dashboard.state import View
from caser.recommend import UnknownTitle

SIMULATED = "simulated viewers"
MOST_OFFERED = 5_000  # films in the search box; others are found by typing their title in full


# ---- what every page begins and ends with


def open_page(title: str, icon: str) -> View:
    """The page's title, the pickers in the sidebar, and the notices; returns what is looked at."""
    chosen = state.selection()
    with st.sidebar:
        _dataset_picker(chosen)
        _model_picker(chosen)
    view = state.view(chosen)
    badge = f" :orange-badge[{SIMULATED}]" if view.dataset.simulated else ""
    st.title(f"{title}{badge}", anchor=False)
    _download_notice(chosen)
    for text in state.notices():
        st.warning(text, icon=":material/info:")
    return view


def close_page(view: View) -> None:
    """The licence line."""
    st.caption(view.dataset.licence)


def require_model(view: View) -> None:
    """End the page with advice where the data set has no trained model."""
    if view.trained is not None:
        return
    name = view.selection.dataset
    st.info(
        f"No model has been trained on {state.NAMES[name]} yet. Train one on the Train page, or with "
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

    Further options go to `st.plotly_chart`, whose answer is returned.
    """
    title = figure.layout.title.text
    shown = go.Figure(figure).update_layout(title_text="", margin_t=max(24, figure.layout.margin.t - 16))
    st.markdown(f"**{title}**")
    config = {"displayModeBar": False, "scrollZoom": False}
    answer = st.plotly_chart(shown, key=key, config=config, alt=f"{title}. {caption}", **options)
    st.caption(f"{caption} · {SIMULATED}" if view.dataset.simulated else caption)
    return answer


# ---- data set and model, in the sidebar


def _dataset_picker(chosen: state.Selection) -> None:
    there = [name for name in data.DATASETS if data.available(name)]
    st.session_state["data set picker"] = chosen.dataset
    st.selectbox(
        "Data set",
        there,
        key="data set picker",
        format_func=state.NAMES.get,
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
    if download.first_set_is_here():
        return
    if download.first_download().running:
        _download_progress(chosen)
        return
    with st.container(border=True):
        st.markdown(
            f"**{state.NAMES[download.FIRST]} could not be fetched**, so this is cinema: real films, "
            f"{SIMULATED}. Everything works the same on it."
        )
        st.caption(download.first_download().error)
        st.button("Try again", icon=":material/refresh:", on_click=_try_again)


def _try_again() -> None:
    download.first_download().start()
    download.first_download().wait(0.3)


@st.fragment(run_every=1.0)
def _download_progress(chosen: state.Selection) -> None:
    """Watches the download without holding up the page; shows MovieLens once it is here."""
    fetch = download.first_download()
    if fetch.running:
        size = f"{fetch.done / 1e6:.1f} MB" + (f" of {fetch.total / 1e6:.1f} MB" if fetch.total else "")
        st.progress(
            min(fetch.done / fetch.total, 1.0) if fetch.total else 0.0,
            f"Fetching {state.NAMES[download.FIRST]}: {size}. Meanwhile this is cinema, with {SIMULATED}.",
        )
        return
    if data.available(download.FIRST) and chosen.dataset == data.CINEMA and not state.chose_data():
        state.choose(dataset=download.FIRST)
    st.rerun(scope="app")


# ---- who is watching


def visitor_picker(view: View) -> None:
    """A viewer of the data, by id, at random or a preset; or a sequence of the visitor's own."""
    kinds = ["A viewer from the data", "My own films"]
    st.session_state["visitor kind"] = kinds[view.anonymous]
    st.segmented_control(
        "Who is watching?",
        kinds,
        key="visitor kind",
        required=True,
        on_change=_switch_kind,
        args=(view,),
        label_visibility="collapsed",
    )
    if view.anonymous:
        sequence_editor(view)
    else:
        _user_picker(view)


def _switch_kind(view: View) -> None:
    if st.session_state["visitor kind"] == "My own films":
        ids = view.dataset.item_ids[view.window]
        state.choose(sequence=tuple(int(item) for item in ids))
    else:
        state.choose(sequence=None)


def _user_picker(view: View) -> None:
    ids, chosen = view.dataset.user_ids, view.selection
    interesting = state.viewers(chosen.dataset, chosen.model)
    by_user = {user: label for label, user in interesting.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state["user picker"] = chosen.user
        st.number_input(
            f"Viewer, {ids[0]} to {ids[-1]}", int(ids[0]), int(ids[-1]), key="user picker", on_change=_pick_user, width=170
        )
        st.session_state["viewer preset"] = by_user.get(chosen.user)
        st.selectbox(
            "Or one worth a look",
            list(interesting),
            key="viewer preset",
            placeholder="Pick a viewer",
            on_change=_pick_preset,
            args=(interesting,),
            width=330,
        )
        st.button("At random", icon=":material/casino:", on_click=_pick_at_random, args=(ids,))


def _pick_user() -> None:
    asked = st.session_state["user picker"]
    dataset = loaders.dataset(st.session_state["data set picker"])
    try:
        dataset.user_index(asked)
        state.choose(user=int(asked))
    except ValueError as error:
        state.notify(f"There is {error}. The viewer stays the same.")


def _pick_preset(interesting: dict[str, int]) -> None:
    label = st.session_state["viewer preset"]
    if label is not None:
        state.choose(user=interesting[label])


def _pick_at_random(ids: np.ndarray) -> None:
    state.choose(user=int(np.random.default_rng().choice(ids)))


# ---- a sequence of one's own


def sequence_editor(view: View) -> None:
    """Search, add, drop and move films; presets; the oldest comes first."""
    films = view.selection.sequence
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _film_search(view)
        _preset_search(view)
        st.button("Clear", icon=":material/delete_sweep:", on_click=state.choose, kwargs={"sequence": ()}, disabled=not films)
    with st.container(gap=None):
        for place, item in enumerate(view.history):
            _film_row(view, place, item)


def _film_row(view: View, place: int, item: int) -> None:
    films, unread = view.selection.sequence, place < len(view.history) - len(view.window)
    note = f" :gray[(not read: {view.name} reads the last {len(view.window)})]" if unread else ""
    last = place == len(films) - 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        label = loaders.film_labels(view.dataset.name)[item]
        st.markdown(f"{place + 1}. {_plain(label)}{' :blue-badge[last watched]' if last else ''}{note}", width="stretch")
        for icon, words, after, disabled in (
            ("arrow_upward", "earlier", _moved(films, place, -1), place == 0),
            ("arrow_downward", "later", _moved(films, place, 1), last),
            ("close", "drop", films[:place] + films[place + 1 :], False),
        ):
            st.button(
                f":material/{icon}:",
                key=f"{words} {place}",
                help=f"{words.capitalize()}: {label}",
                type="tertiary",
                disabled=disabled,
                on_click=state.choose,
                kwargs={"sequence": after},
            )


def _moved(films: tuple[int, ...], place: int, by: int) -> tuple[int, ...]:
    """`films` with the one at `place` exchanged with its neighbour, if it has one."""
    other = place + by
    if not 0 <= other < len(films):
        return films
    moved = list(films)
    moved[place], moved[other] = moved[other], moved[place]
    return tuple(moved)


def _film_search(view: View) -> None:
    st.selectbox(
        "Add a film",
        _offered(view.dataset.name, view.split.ties),
        index=None,
        key="film search",
        placeholder="Search by title",
        accept_new_options=True,
        on_change=_add_film,
        args=(view,),
        disabled=len(view.history) >= state.MOST_FILMS,
        width=330,
    )


@st.cache_resource(max_entries=3, show_spinner=False)
def _offered(name: str, ties: str) -> list[str]:
    """Labels of the most watched films, in alphabetical order."""
    most = np.argsort(-loaders.watch_counts(name, ties), kind="stable")[:MOST_OFFERED]
    labels = loaders.film_labels(name)
    return sorted(labels[item] for item in most)


def _add_film(view: View) -> None:
    text, st.session_state["film search"] = st.session_state["film search"], None
    if not text:
        return
    labels = loaders.film_labels(view.dataset.name)
    try:
        item = labels.index(text) if text in labels else loaders.titles(view.dataset.name).find(text)
    except UnknownTitle as error:
        state.notify(f"{str(error)[0].upper()}{str(error)[1:]}")
        return
    state.choose(sequence=(*view.selection.sequence, int(view.dataset.item_ids[item])))


def _preset_search(view: View) -> None:
    found = _sequences(view.dataset.name, view.split.ties)
    st.selectbox(
        "Or start from",
        list(found),
        index=None,
        key="sequence preset",
        placeholder="An evening of one kind",
        on_change=_pick_sequence,
        args=(found,),
        width=230,
    )


@st.cache_resource(max_entries=3, show_spinner=False)
def _sequences(name: str, ties: str) -> dict[str, tuple[int, ...]]:
    """Preset sequences in the data set's own ids."""
    dataset = loaders.dataset(name)
    found = presets.sequences(dataset.catalogue["genres"], loaders.watch_counts(name, ties))
    return {label: tuple(int(i) for i in dataset.item_ids[items]) for label, items in found.items()}


def _pick_sequence(found: dict[str, tuple[int, ...]]) -> None:
    label, st.session_state["sequence preset"] = st.session_state["sequence preset"], None
    if label is not None:
        state.choose(sequence=found[label])


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


# ---- cards


def film_strip(view: View) -> None:
    """The films that the model reads, in order."""
    reads = view.trained.model.L if view.trained else len(view.window)
    genres = view.dataset.catalogue["genres"]
    films = [(film_name(view, item), ", ".join(genres.iat[item])) for item in view.window]
    st.html(diagram.film_strip(films, reads - len(films)))


def film_name(view: View, item: int) -> str:
    """A film's unique label."""
    return loaders.film_labels(view.dataset.name)[item]


def ranked_list(table: pd.DataFrame, view: View, target: int | None, key: str) -> None:
    """A list from `tables.listed`; the held-out film's row is starred and tinted."""

    def tint(row: pd.Series) -> list[str]:
        return [f"background-color: {theme.TRUTH}40" if row.name == target else ""] * len(row)

    st.dataframe(
        table.style.apply(tint, axis=1),
        key=key,
        hide_index=True,
        height=35 * min(len(table), 15) + 38,
        column_config={
            "#": st.column_config.NumberColumn(width=36),
            "Film": st.column_config.TextColumn(width="medium"),
            "Genres": st.column_config.TextColumn(width="small"),
            "Score": st.column_config.NumberColumn(format="%.2f", width=58),
            table.columns[-1]: st.column_config.NumberColumn(format="%,.0f", width=80),
        },
        alt=f"A ranked list of {len(table)} films" + (f", {SIMULATED}" if view.dataset.simulated else ""),
    )


def protocol(view: View) -> None:
    """How the numbers on the page were measured."""
    users = view.split.evaluated
    sampled = f" {loaders.MOST_EVALUATED:,} of them, evenly spread, are ranked." if len(users) > loaders.MOST_EVALUATED else ""
    st.caption(
        f"Protocol: each viewer's most recent film is held out, the one before it chose the settings, and the rest is "
        f"trained on; {len(users):,} viewers have both.{sampled} The held-out film is ranked against every film its viewer has not "
        f"watched, none sampled; equal scores count a half. Where the latest films share one time, the {view.split.ties} "
        f"in file order is held out. HR@k: share of viewers whose film is among the first k. AUC: share of the other "
        f"unseen films ranked below it. Intervals: 95 % bootstrap over viewers"
        f"{'; ' + SIMULATED if view.dataset.simulated else ''}."
    )
    if view.trained.metadata.config.training.hide_test:
        st.warning(
            f"{view.trained.name} was trained with the seed chapter's own negative rule: the held-out film never serves as a "
            "negative. That leaks a little of the test set, so its numbers are flattering; compare them with the chapter's only.",
            icon=":material/info:",
        )


def _plain(text: str) -> str:
    """`text` with Markdown's signs taken literally."""
    return "".join(f"\\{c}" if c in "\\`*_[]$:~<>#" else c for c in text)
