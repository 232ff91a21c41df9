"""The parts that pages share; they only draw."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from caser.checkpoint import Checkpoint
from caser.dashboard import names, theme, wording
from caser.dashboard.figures import diagram, plot
from caser.dashboard.lineup import Contender
from caser.dashboard.names import SIMULATED, rank_words
from caser.dashboard.presenting import charts
from caser.dashboard.selection import K_MOST, choose, link
from caser.dashboard.view import View
from caser.recommend import rank_of
from caser.words import W, spoken

LAST_READ = 10  # of the films that a model reads, drawn


def chart(figure: go.Figure, caption: str, view: View, key: str | None = None, **options):
    """A figure with its title as text above it, which wraps on narrow screens, and a caption in words below.

    The figure is the page's to change: its title is taken out. Further options go to `st.plotly_chart`,
    whose answer is returned.
    """
    title, figure.layout.title.text = figure.layout.title.text, ""
    figure.layout.margin.t -= plot.TITLE
    with st.container(gap="xsmall"):
        st.markdown(f"**{wording.plain(title)}**")
        config, figure = charts.config(file_name(title)), charts.drawn(figure)
        answer = st.plotly_chart(figure, key=key, config=config, alt=f"{title}. {caption}", **options)
        st.caption(f"{caption} · {SIMULATED}" if view.dataset.simulated else caption)
    return answer


def file_name(title: str) -> str:
    """A title as a file's name: letters, digits and dashes."""
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:60] or "chart"


def download(label: str, content: Callable[[], str], file_name: str, kind: str) -> None:
    """A button that saves a file of a MIME type, which is made when it is pressed."""
    st.download_button(label, content, file_name, kind, icon=":material/download:", on_click="ignore", width="stretch")


def show_me(command: Sequence[str], models: Sequence[Checkpoint], view: View) -> None:
    """A small button at a claim, which opens on how to repeat it: the command, the data's checksum and the seeds.

    Args:
        command: its words after `python -m caser`.
    """
    line = f"python -m caser {shlex.join(command)}"
    with st.popover(":material/terminal:", type="tertiary", help="Show me how to repeat this", key=f"show me {line}"):
        st.code(line, language="bash", wrap_lines=True)
        st.caption(f"Data: {names.dataset(view.dataset.name)}, checksum `{view.dataset.checksum}`. {_seeds(models)}")


def _seeds(models: Sequence[Checkpoint]) -> str:
    """The random seed of each model that learns, and of its other trainings."""
    said = [
        f"{names.plain(one.name)} {one.metadata.seed}"
        + (f" (trained with {', '.join(map(str, one.seeds))})" if len(one.seeds) > 1 else "")
        for one in models
        if one.model.learns
    ]
    return f"Seed: {'; '.join(said)}." if said else "No seed: these models count."


def film_strip(view: View) -> None:
    """The films that the model reads, in order; of many the last, so that the list is not far below."""
    reads = min(view.trained.model.L, LAST_READ) if view.trained else 0
    genres, shown = view.dataset.catalogue["genres"], view.window[-LAST_READ:]
    films = [(wording.film_name(view, item), ", ".join(genres.iat[item])) for item in shown]
    before = len(view.window) - len(shown)
    st.html(diagram.film_strip(films, max(reads - len(view.window), 0), before))
    if before:
        st.caption(f"The {before:,} before are read, too." if before > 1 else "The one before is read, too.")


def protocol(view: View, models: Sequence[Contender] = ()) -> None:
    """How the numbers on the page were measured, those of `models` or of the selection's pair."""
    st.caption(wording.protocol(view))
    chapter_rule(view, models)


def chapter_rule(view: View, models: Sequence[Contender] = ()) -> None:
    """Say so where a model's numbers come from the source chapter's own negative rule."""
    for checkpoint in filter(None, (one.checkpoint for one in models or view.pair)):
        if checkpoint.metadata.config.training.hide_test:
            st.warning(spoken(wording.CHAPTER_RULE).format(name=checkpoint.name), icon=":material/info:")


def verdict(view: View, scores: Sequence[np.ndarray]) -> None:
    """Where each model of the pair ranks the film that was really watched next, if one is known.

    Args:
        scores: float (n_items,) each.
    """
    if view.target is None:
        return
    places = [
        f"{one.signed} ranks it **{rank_words(rank_of(values, view.target, view.left_out))}**"
        for one, values in zip(view.pair, scores, strict=True)
    ]
    candidates = view.dataset.n_items - len(set(view.left_out))
    st.subheader(f"{theme.TRUTH_MARK} {wording.watched_next(view)}", anchor=False)
    st.markdown(f"{' · '.join(places)} of {candidates:,} {W.films}{wording.not_on_the_list(view)}")


def picked_viewer(points: dict, view: View) -> None:
    """A link to the viewer whose mark was clicked in a chart with `user_ids` as customdata."""
    picked = [point["customdata"] for point in points["selection"]["points"] if "customdata" in point]
    if picked:
        user = int(np.searchsorted(view.dataset.user_ids, np.ravel(picked[0])[0]))
        name = view.dataset.user_name(user)
        link(
            "recommend",
            f"Open {W.viewer} {wording.plain(name)} on Recommend",
            replace(view.selection, user=view.dataset.user_id(user), sequence=None).params(),
            ":material/person:",
        )


def list_options(view: View) -> None:
    """How many films to list, and whether those already watched may be among them."""
    st.session_state["k picker"] = view.selection.k
    st.number_input(
        f"{W.Films} to list",
        1,
        K_MOST,
        key="k picker",
        on_change=lambda: choose(k=int(st.session_state["k picker"])),
        width=130,
    )
    st.session_state["rewatch picker"] = view.selection.rewatch
    st.toggle(
        f"Re-{W.watching} allowed",
        key="rewatch picker",
        on_change=lambda: choose(rewatch=st.session_state["rewatch picker"]),
        help=f"Also list {W.films} already {W.watched}. Evaluation always leaves them out.",
    )
