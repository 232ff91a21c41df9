"""The ranked lists of the pair, whose rows can be clicked."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import loaders, wording
from caser.dashboard.film import catalogue_scores, point_at
from caser.dashboard.lineup import Contender
from caser.dashboard.names import SIMULATED
from caser.dashboard.selection import choose_on_page, page_choice
from caser.dashboard.table import content, table
from caser.dashboard.view import View
from caser.dashboard.words import W
from caser.recommend import probabilities, rank_all, rank_items
from caser.recommend import table as ranked

OTHER_LIST, WHY = "The other list", "Why this film"
ASK = "ask"  # what is shown beside the list: the parameter in the URL, and the widget's key
TEMPERATURE = "temperature"
TEMPERATURES = ("0.25", "0.5", "0.75", "1", "1.5", "2", "4")
AS_TRAINED = "1"


def listed(view: View, at: int, scores: np.ndarray) -> pd.DataFrame:
    """The list of one model of the pair."""
    return ranked(view.dataset, rank_items(scores, view.selection.k, view.left_out), scores)


def draw(view: View, at: int, item: int) -> None:
    """One model's list: where the other has each film, its score, and that as a probability.

    Args:
        at: which of the pair. item: dense, the film explained.
    """
    scores = [catalogue_scores(view, number) for number in range(len(view.pair))]
    own, titles = listed(view, at, scores[at]), loaders.labels(view.dataset)
    other, ranks = "", None
    if len(scores) > 1:
        other, there = view.pair[1 - at].name, scores[1 - at]
        ranks = rank_all(there, view.left_out)[own.index].tolist()
    p = probabilities(scores[at], float(st.session_state[TEMPERATURE]), view.left_out)[own.index]
    rows = content.listed(own, [titles[film] for film in own.index], view.target, ranks, p)
    name = view.pair[at].name
    label = f"What {name} lists, {SIMULATED}" if view.dataset.simulated else f"What {name} lists"
    st.markdown(f"{view.pair[at].signed} {wording.reads(view, view.pair[at].model)}")
    drawn = table.films(rows, view.target, label, f"{other} rank", item)
    table.show(drawn, f"list {name}", partial(_explain, view))
    st.caption(f"{_chance(view.pair[at])} {wording.twins(view, own.index)}")


def _of_probabilities(one: Contender) -> bool:
    """Whether a model was trained to give probabilities, so that its chances are more than a scale."""
    return bool(one.checkpoint and one.model.learns and one.checkpoint.metadata.config.training.loss == "softmax")


def _chance(one: Contender) -> str:
    """What the column of chances is, as Markdown."""
    name = wording.plain(one.name)
    if _of_probabilities(one):
        return f"Chance: the softmax of the scores, as {name} was trained with."
    return f"Chance: only the scores on another scale; {name} was not trained to give probabilities."


def _explain(view: View, item: int) -> None:
    """Open a film's reason beside the list; what else was open there stays, for the new film."""
    page = {ASK: WHY} if st.session_state.get(ASK) == OTHER_LIST else {}
    point_at(view, item, **page)


def read_temperature() -> None:
    """Take the temperature from the address; call it before a list is drawn."""
    page_choice(TEMPERATURE, TEMPERATURES, AS_TRAINED)


def pick_temperature(view: View) -> None:
    """How sharply scores become probabilities."""
    softmax = _of_probabilities(view.pair[0])
    meaning = (
        "1 is the model's own probability, as it was trained."
        if softmax
        else "This model was not trained as one of probabilities; read them as a scale."
    )
    st.select_slider(
        "Temperature",
        TEMPERATURES,
        key=TEMPERATURE,
        on_change=choose_on_page,
        args=(TEMPERATURE, TEMPERATURES, AS_TRAINED),
        format_func=lambda value: "1 · as trained" if value == AS_TRAINED and softmax else value,
        width=200,
        help=f"Scores divided by it become the chances in the lists, by a softmax over all {W.films} that "
        "may be listed. "
        f"{meaning} Ranks stay as they are.",
    )
