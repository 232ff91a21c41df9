"""A ranked list of films as a plain HTML table whose rows can be clicked.

Streamlit's data frame paints a canvas; made anew for every list, as it has to be here for no click to be lost, it
costs a redraw up to 0.2 s more, and it hides what a narrow column cuts.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from caser.dashboard import tables, theme, wording

_CSS = """
.film-table { max-height: 640px; overflow: auto; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); }
.film-table table { width: 100%; border-collapse: collapse; font-size: 0.875rem; color: var(--st-text-color); }
.film-table th { position: sticky; top: 0; background: var(--st-secondary-background-color); font-weight: 400;
  color: var(--st-gray-text-color, inherit); text-align: left; }
.film-table th, .film-table td { padding: 0.34rem 0.6rem; border-bottom: 1px solid var(--st-border-color);
  vertical-align: top; }
.film-table tr:last-child td { border-bottom: 0; }
.film-table .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.film-table .aside { opacity: 0.75; }
.film-table tr[data-film] { cursor: pointer; }
.film-table tr[data-film]:hover { background: var(--st-secondary-background-color); }
.film-table tr.held-out { background: TRUTH33; }
.film-table button { all: unset; cursor: pointer; }
.film-table button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px;
  border-radius: 2px; }
@media (max-width: 640px) { .film-table .aside { display: none; } }
""".replace("TRUTH", theme.TRUTH)
_JS = """
function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function line(row, kinds) {
  const made = element("tr", undefined, row.held_out ? "held-out" : "");
  made.dataset.film = row.film;
  row.cells.forEach((text, at) => {
    const cell = element("td", kinds[at] === "film" ? undefined : text, kinds[at]);
    if (kinds[at] === "film") cell.append(element("button", text));  // so that a keyboard reaches every row
    made.append(cell);
  });
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".film-table"), shown = JSON.stringify(data);
  frame.onclick = (event) => {
    const row = event.target.closest("tr[data-film]");
    if (row) setTriggerValue("picked", Number(row.dataset.film));
  };
  if (frame.dataset.shown === shown) return;
  frame.dataset.shown = shown;
  const focused = frame.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.film : null;
  const table = element("table"), head = element("thead"), body = element("tbody"), names = element("tr");
  table.setAttribute("aria-label", data.label);
  data.columns.forEach((name, at) => {
    const cell = element("th", name, data.kinds[at]);
    cell.scope = "col";
    names.append(cell);
  });
  head.append(names);
  body.append(...data.rows.map((row) => line(row, data.kinds)));
  table.append(head, body);
  frame.replaceChildren(table);
  if (focused !== null) body.querySelector(`tr[data-film="${focused}"] button`)?.focus();
}
"""
_mount = st.components.v2.component(
    "caser_film_table", html='<div class="film-table"></div>', css=_CSS, js=_JS, isolate_styles=False
)
_KINDS = {"#": "number", "Film": "film", "Score": "number", tables.OTHER: "number", "Genres": "aside"}


def show(
    table: pd.DataFrame, target: int | None, label: str, other: str, key: str, pick: Callable[[int], None]
) -> None:
    """Draw a list from `tables.listed`; the held-out film's row is tinted.

    Args:
        target: dense, the held-out film. label: what the table is, for those who do not see it.
        other: heading of the column that says where another model has each film.
        pick: called with the film, dense, whose row is clicked.
    """

    def picked() -> None:
        film = st.session_state[key].get("picked")
        if film in table.index:
            pick(int(film))

    _mount(key=key, data=content(table, target, label, other), on_picked_change=picked)


def content(table: pd.DataFrame, target: int | None, label: str, other: str) -> dict:
    """What the browser draws, as JSON; arguments as in `show`."""
    names = list(table.columns)
    return {
        "label": label,
        "columns": [other if name == tables.OTHER else name for name in names],
        "kinds": [_KINDS[name] for name in names],
        "rows": [
            {
                "film": int(film),
                "held_out": bool(film == target),
                "cells": [_text(name, value) for name, value in zip(names, values, strict=True)],
            }
            for film, values in zip(table.index, table.itertuples(index=False, name=None), strict=True)
        ],
    }


def _text(name: str, value) -> str:
    if name == "Score":
        return f"{value:.2f}"
    if name == tables.OTHER:
        return wording.place(value)
    return str(value)
