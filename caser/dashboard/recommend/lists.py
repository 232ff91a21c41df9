"""The ranked lists of the pair, whose rows can be clicked."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from caser import checkpoint
from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, results, wording
from caser.dashboard.figures.recommend import reliability as figures
from caser.dashboard.film import catalogue_scores, point_at
from caser.dashboard.names import SIMULATED
from caser.dashboard.parts import chart, show_me
from caser.dashboard.selection import choose_on_page, page_choice
from caser.dashboard.table import content, table
from caser.dashboard.view import View
from caser.explain.film_map import film_vectors
from caser.recommend import listed as best
from caser.recommend import probabilities, rank_all
from caser.recommend import table as ranked
from caser.words import W

OTHER_LIST, WHY, ALIKE = "The other list", "Why this film", "More like this"
ASK = "ask"  # what is shown beside the list: the parameter in the URL, and the widget's key
TEMPERATURE = "temperature"
TEMPERATURES = ("0.25", "0.5", "0.75", "1", "1.5", "2", "4")
FITTED = "1"


def listed(view: View, side: int, scores: np.ndarray) -> pd.DataFrame:
    """The list of one model of the pair."""
    vectors = film_vectors(view.pair[side].model) if view.selection.variety else None
    variety = view.selection.variety if vectors is not None else 0.0
    items = best(scores, view.selection.k, view.not_listed, variety, vectors)
    return ranked(view.dataset, items, scores)


def draw(view: View, side: int, item: int, acts: table.Acts | None = None) -> None:
    """One model's list: where the other has each film, its score, and its chance where the model gives any.

    Args:
        side: which of the pair. item: dense, the film explained. acts: what else a row can be clicked for.
    """
    scores = [catalogue_scores(view, number) for number in range(len(view.pair))]
    ranking, titles = listed(view, side, scores[side]), loaders.labels(view.dataset)
    other, ranks = "", None
    if len(scores) > 1:
        other, other_scores = view.pair[1 - side].name, scores[1 - side]
        ranks = rank_all(other_scores, view.left_out)[ranking.index].tolist()
    p = _chances(view, side, scores[side])
    changed = view.narrowing or view.selection.variety
    of_all = rank_all(scores[side], view.left_out)[ranking.index].tolist() if changed else None
    rows = content.listed(ranking, [titles[film] for film in ranking.index], view.target, ranks, p, of_all)
    name = view.pair[side].name
    label = f"What {name} lists, {SIMULATED}" if view.dataset.simulated else f"What {name} lists"
    st.markdown(f"{view.pair[side].signed} {wording.reads(view, view.pair[side].model)}")
    drawn = table.films(rows, view.target, label, f"{other} rank", item)
    table.show(drawn, f"list {name}", partial(_explain, view), acts)
    _about_chances(view, side)
    if twins := wording.twins(view, ranking.index):
        st.caption(twins)


def temperature(view: View, side: int) -> float | None:
    """What the scores of one model of the pair are divided by, as set on the page; None where it gives no chances."""
    fitted = view.pair[side].temperature
    return None if fitted is None else fitted * float(st.session_state[TEMPERATURE])


def _chances(view: View, side: int, scores: np.ndarray) -> np.ndarray | None:
    """Every film's chance by one model of the pair, (n_items,); None where it was not trained to give any."""
    by = temperature(view, side)
    return None if by is None else probabilities(scores, by, view.left_out)


def _about_chances(view: View, side: int) -> None:
    """What the column of chances is, and how good they are; or how to get it."""
    contender = view.pair[side]
    if contender.temperature is not None:
        st.caption(f"Chance: how likely the model thinks this {W.film} is next.")
        with st.container(horizontal=True):
            with st.popover("How good are these chances?", icon=":material/verified:", key=f"chances {contender.name}"):
                held = results.reliability(contender, view.split)
                note = f"Over the lists of {held.users:,} test {W.viewers}. On the line, chances come true as promised."
                figure = figures.reliability(contender.name, contender.look, held)
                chart(figure, note, view, key=f"reliability {contender.name}")
            show_me(_command(view, contender.checkpoint), [contender.checkpoint], view)
    elif contender.gives_chances:
        st.caption(
            "No chances: this checkpoint keeps no temperature. Train it again to see them: "
            f"`{checkpoint.train_command(view.dataset.name, contender.model.config.name)}`"
        )


def _command(view: View, trained: Checkpoint) -> list[str]:
    """What lists the same films with their chances; a private history is given as its file."""
    chosen, dataset = view.selection, view.dataset
    who = ["--user", str(dataset.user_id(view.user))] if not view.anonymous else ["--history", "FILE"]
    if view.anonymous and not chosen.private:
        who = ["--sequence", *(f"id:{dataset.item_id(item)}" for item in view.history)]
    rewatch = ["--rewatch"] if chosen.rewatch else []
    return ["recommend", trained.name, *who, "-k", str(chosen.k), *rewatch, "--json"]


def _explain(view: View, item: int) -> None:
    """Open a film's reason beside the list; what else was open there stays, for the new film."""
    page = {ASK: WHY} if st.session_state.get(ASK) == OTHER_LIST else {}
    point_at(view, item, **page)


def read_temperature() -> None:
    """Take the temperature from the address; call it before a list is drawn."""
    page_choice(TEMPERATURE, TEMPERATURES, FITTED)


def pick_temperature(view: View) -> None:
    """How sharply scores become chances; nothing where no model of the pair gives any."""
    if all(one.temperature is None for one in view.pair):
        return
    st.select_slider(
        "Temperature",
        TEMPERATURES,
        key=TEMPERATURE,
        on_change=choose_on_page,
        args=(TEMPERATURE, TEMPERATURES, FITTED),
        format_func=lambda value: f"{value} · fitted" if value == FITTED else f"x {value}",
        width=200,
        help="Higher makes chances more alike; ranks stay the same. At 1 the chances fit the validation data best.",
    )
