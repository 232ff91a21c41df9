"""Tables as plain HTML, whose rows can be clicked.

Streamlit's own data frame is drawn on a canvas. It loses clicks unless it is made anew for every list, which
takes up to 0.2 s longer, and it hides text that does not fit a column. These tables wrap it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from caser.dashboard import theme
from caser.dashboard.names import rank_words
from caser.dashboard.runtime.component import component
from caser.dashboard.table import content
from caser.words import W

MOST_SHADES = 64  # columns of a strip
# The tabindex lets a keyboard scroll it.
_HTML = f'<div class="html-table" role="region" tabindex="0" style="--table-marked: {theme.TRUTH}33"></div>'
_HUES = {"positive": theme.POSITIVE, "negative": theme.NEGATIVE}
_mount = component("caser_html_table", __file__, _HTML, ("strip", "order"))
_KINDS = {
    "#": "number",
    "Film": "button",
    "Score": "number",
    "Cosine": "number",
    content.CHANCE: "number",
}


@dataclass(frozen=True)
class Acts:
    """What a row can be clicked for, beside being picked.

    Attributes:
        shown: by what it is called in code, its sign and its words. act: called with the row's id and which of them.
    """

    shown: Mapping[str, tuple[str, str]]
    act: Callable[[int, str], None]


def show(drawn: dict, key: str, pick: Callable[[int], None] | None = None, acts: Acts | None = None) -> None:
    """Draw a table.

    Args:
        drawn: as made by `films` or `plain`; where its rows have "keys", its headings sort by these, and where it has
            "search", what a box is called, that box leaves the rows with its words. A cell may be a `strip`.
        pick: called with the id of the row that is clicked. acts: for rows that can be picked, what else they can.
    """
    if any("keys" in row for row in drawn["rows"]):
        drawn = drawn | {"hues": _HUES}
    if pick is None:
        _mount(key=key, data=drawn)
        return
    ids = {row["id"] for row in drawn["rows"]}

    def picked() -> None:
        chosen = st.session_state[key].get("picked")
        if chosen in ids:
            pick(chosen)

    if acts is None:
        _mount(key=key, data=drawn, on_picked_change=picked)
        return

    def acted() -> None:
        row, what = st.session_state[key].get("acted") or (None, None)
        if row in ids and what in acts.shown:
            acts.act(row, what)

    shown = [[what, *words] for what, words in acts.shown.items()]
    _mount(key=key, data=drawn | {"acts": shown}, on_picked_change=picked, on_acted_change=acted)


def plain(table: pd.DataFrame, label: str) -> dict:
    """A frame of texts; `label` is what the table is, for those who do not see it."""
    rows = [{"cells": [str(value) for value in row]} for row in table.itertuples(index=False, name=None)]
    return {"label": label, "columns": list(table.columns), "kinds": [""] * table.shape[1], "rows": rows}


def strip(weights: np.ndarray | Sequence[Sequence[float]], said: str) -> dict:
    """A cell that draws numbers around zero as shades, a row of them beneath another.

    Args:
        weights: float (rows, n); of more than `MOST_SHADES` columns neighbours are drawn as the largest of them.
        said: for those who do not see it.
    """
    values = np.asarray(weights, float)
    group = -(-values.shape[1] // MOST_SHADES)
    values = np.pad(values, ((0, 0), (0, -values.shape[1] % group)))
    grouped = values.reshape(len(values), -1, group)  # (rows, columns, group)
    largest = np.abs(grouped).argmax(2)[..., None]
    shown = np.take_along_axis(grouped, largest, 2)[..., 0]  # (rows, columns)
    shades = np.rint(127 * shown / (np.abs(shown).max() or 1.0)).astype(np.int8)
    return {"rows": len(shades), "shades": b64encode(shades.tobytes()).decode(), "said": said}


def films(table: pd.DataFrame, target: int | None, label: str, other: str = "", picked: int | None = None) -> dict:
    """Films, one per row, as from `content.listed`; a row's id is its film, dense, and the held-out film's is marked.

    Further columns of numbers are ranks.

    Args:
        target: dense, the held-out film. label: as in `plain`.
        other: heading of the column that says where another model has each film.
        picked: dense, the film explained.
    """
    names = list(table.columns)
    return {
        "label": label,
        "columns": [other if name == content.OTHER else name for name in names],
        "kinds": [_kind("Film" if name == W.Film else name, table[name]) for name in names],
        "rows": [
            {
                "id": int(film),
                "marked": bool(film == target),
                "picked": bool(film == picked),
                "cells": [_text(name, value) for name, value in zip(names, values, strict=True)],
            }
            for film, values in zip(table.index, table.itertuples(index=False, name=None), strict=True)
        ],
    }


def _kind(name: str, column: pd.Series) -> str:
    return _KINDS.get(name, "number" if pd.api.types.is_numeric_dtype(column) else "")


def _text(name: str, value) -> str:
    if name in ("Score", "Cosine"):
        return f"{value:.2f}"
    if name == content.CHANCE:
        return f"{value:.1%}" if value >= 0.0005 else "<0.1%"
    return rank_words(value) if isinstance(value, float) else str(value)
