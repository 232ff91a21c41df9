"""Filters as they form: their weights after some of the epochs of training."""

from __future__ import annotations

import numpy as np
import streamlit as st

from caser.dashboard import results
from caser.dashboard.figures import filters as filter_figures
from caser.dashboard.filters.scene import Scene, pick_filter
from caser.dashboard.names import filter_name
from caser.dashboard.parts import chart
from caser.dashboard.view import View
from caser.explain import filters

TITLE = "Forming"
NOTE = "Shows the filters alone at a few epochs. The film rows they are multiplied with were learning too."
AFTER = "epoch looked at"  # the session's key


def draw(scene: Scene) -> None:
    """A filter's weights after some of the epochs of training."""
    view, snapshots = scene.view, scene.view.trained.snapshots
    at = pick_filter(scene)
    if at is None:
        return
    if len(snapshots) < 2:
        st.info("This checkpoint keeps no filters of earlier epochs; one trained on the Train page does.")
        return
    epochs = sorted(snapshots)
    if st.session_state.get(AFTER) not in epochs:
        st.session_state[AFTER] = epochs[len(epochs) // 2]
    epoch = st.select_slider("After epoch", epochs, key=AFTER, width=380, help="0 is before training.")
    _weights_then(view, at, epoch, epochs)
    likeness, name = results.likeness(view.trained), filter_name(*at)
    which = filters.horizontal_filters(view.trained.model).index(at)
    caption = "Kept snapshots only. A cosine of 1 is the same direction, 0 none in common"
    chart(filter_figures.forming(likeness, which, name), caption, view, key="forming")


def _weights_then(view: View, at: tuple[int, int], epoch: int, epochs: list[int]) -> None:
    """A filter's weights after an epoch, and how far they have come."""
    start, now, end = (results.snapshot_weights(view.trained, e, *at) for e in (epochs[0], epoch, epochs[-1]))
    when = "before training" if epoch == 0 else f"after epoch {epoch}"
    size = f"{float(np.linalg.norm(now)):.2f}, at the end {float(np.linalg.norm(end)):.2f}"
    title = f"Filter {filter_name(*at)} {when}: its weights have length {size}"
    caption = "Colours on one scale for all epochs"
    most = float(np.abs(end).max())
    chart(filter_figures.filter_weights(now, title, most), caption, view, key="then")
    moved = float(np.linalg.norm(now - start) / max(float(np.linalg.norm(end - start)), 1e-12))
    title = f"What training has changed so far: {moved:.0%} as far from the start as at the end"
    most = float(np.abs(end - start).max())
    figure = filter_figures.filter_weights(now - start, title, most)
    chart(figure, f"Weights minus those before training. {caption}", view, key="changed")
