"""Filters as they form: what they are and seek after some of the epochs of training, played one after the other."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import results, wording
from caser.dashboard.figures.filters import filters as filter_figures
from caser.dashboard.filters.scene import Scene, pick_filter
from caser.dashboard.names import filter_name
from caser.dashboard.parts import chart
from caser.dashboard.view import View
from caser.explain import filters
from caser.models.caser import WATCHED_D, WATCHED_ITEMS
from caser.words import W

TITLE = "Forming"
NOTE = "Shows the filters after the saved epochs. It does not show what happened in between."
AFTER, PLAYING, _NEXT = "epoch looked at", "epochs playing", "epoch played next"  # the session's keys
A_STEP = 1.2  # seconds
SOUGHT = 4  # films a row


def draw(scene: Scene) -> None:
    """A filter's weights after some of the epochs of training."""
    snapshots = scene.view.trained.snapshots
    selected = pick_filter(scene)
    if selected is None:
        return
    if len(snapshots) < 2:
        st.info("This checkpoint saved no filters of earlier epochs. One trained on the Train page does.")
        return
    epochs = sorted(snapshots)
    if st.session_state.get(AFTER) not in epochs:
        st.session_state[AFTER] = epochs[len(epochs) // 2]
    st.fragment(_played, run_every=A_STEP if st.session_state.get(PLAYING) else None)(scene.view, selected, epochs)
    likeness, name = results.likeness(scene.view.trained), filter_name(*selected)
    which = filters.horizontal_filters(scene.view.trained.model).index(selected)
    caption = "Saved epochs only. Cosine 1: the same direction. 0: nothing in common. The last is 1 by definition"
    chart(filter_figures.forming(likeness, which, name), caption, scene.view, key="forming")


def _played(view: View, selected: tuple[int, int], epochs: list[int]) -> None:
    """One epoch; while it plays each run is the next one."""
    if st.session_state.get(PLAYING):
        _turn(epochs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        playing = st.session_state.get(PLAYING, False)
        label, icon = ("Pause", "pause") if playing else ("Play", "play_arrow")
        if st.button(label, icon=f":material/{icon}:", key="play epochs"):
            _play(epochs, not playing)
        epoch = st.select_slider("After epoch", epochs, key=AFTER, width=380, help="0 is before training.")
    _weights_then(view, selected, epoch, epochs)
    _sought_then(view, selected, epoch)


def _play(epochs: list[int], on: bool) -> None:
    """Begin from the first epoch, or pause."""
    st.session_state[PLAYING] = on
    if on:
        st.session_state[_NEXT] = 0
    st.rerun()


def _turn(epochs: list[int]) -> None:
    place = st.session_state.get(_NEXT, 0)
    st.session_state[AFTER] = epochs[min(place, len(epochs) - 1)]
    st.session_state[_NEXT] = place + 1
    if place >= len(epochs):
        st.session_state[PLAYING] = False
        st.rerun()


def _weights_then(view: View, selected: tuple[int, int], epoch: int, epochs: list[int]) -> None:
    """A filter's weights after an epoch, and how far they have come."""
    start, now, end = (results.snapshot_weights(view.trained, e, *selected) for e in (epochs[0], epoch, epochs[-1]))
    when = "before training" if epoch == 0 else f"after epoch {epoch}"
    at_end = "" if epoch == epochs[-1] else f", at the end {float(np.linalg.norm(end)):.2f}"
    title = f"Filter {filter_name(*selected)} {when}: its weights have length {float(np.linalg.norm(now)):.2f}{at_end}"
    caption = "Colours on one scale for all epochs"
    most = float(np.abs(end).max())
    chart(filter_figures.filter_weights(now, title, most), caption, view, key="then")
    most = float(np.abs(end - start).max())
    figure = filter_figures.filter_weights(now - start, _changed_title(start, now, end, epoch, epochs), most)
    chart(figure, f"Weights minus those before training. {caption}", view, key="changed")


def _changed_title(start: np.ndarray, now: np.ndarray, end: np.ndarray, epoch: int, epochs: list[int]) -> str:
    """How far the weights have come, between the two ends where that needs no saying."""
    if epoch == epochs[0]:
        return "Training has changed nothing yet"
    if epoch == epochs[-1]:
        return "What training has changed in all"
    moved = float(np.linalg.norm(now - start) / max(float(np.linalg.norm(end - start)), 1e-12))
    return f"What training has changed so far: {moved:.0%} as far from the start as at the end"


def _sought_then(view: View, selected: tuple[int, int], epoch: int) -> None:
    """The films that each row responds to most, by the films' vectors of the same epoch."""
    responses = results.answers_then(view.trained, epoch, *selected)
    if responses is None:
        st.caption(
            f"Unknown: this checkpoint saved {W.film} vectors for the last epoch only. "
            f"A smaller model saves them for earlier epochs, too: at most {WATCHED_D} dimensions and "
            f"{WATCHED_ITEMS:,} {W.films}."
        )
        return
    films = results.often_watched(view.split)
    for row, values in enumerate(responses[:, films], 1):
        best = films[np.argsort(-values, kind="stable")[:SOUGHT]]
        named = ", ".join(wording.plain(wording.film_name(view, int(item))) for item in best)
        st.markdown(f"- **Row {row}** responds most to {named}")
    st.caption(f"With the {W.film} vectors of the same epoch, among {wording.often_watched(view)}.")
