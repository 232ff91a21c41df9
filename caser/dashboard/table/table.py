"""Tables as plain HTML, whose rows can be clicked.

Streamlit's data frame paints a canvas. For no click to be lost it had to be made anew for every list, which costs
a redraw up to 0.2 s more; and it hides what a narrow column cuts, where these wrap.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from caser.dashboard import theme
from caser.dashboard.figures.plot import rank_words
from caser.dashboard.table import content as tables

_CSS = """
.html-table { overflow: auto; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); }
.html-table.list { max-height: 640px; }
.html-table table { width: 100%; border-collapse: collapse; font-size: 0.875rem; color: var(--st-text-color); }
.html-table th { position: sticky; top: 0; z-index: 1; background: var(--st-secondary-background-color);
  font-weight: 400; color: var(--st-gray-text-color, inherit); text-align: left; }
.html-table th, .html-table td { padding: 0.34rem 0.6rem; border-bottom: 1px solid var(--st-border-color);
  vertical-align: top; }
.html-table tr:last-child td { border-bottom: 0; }
.html-table td:not([class]) { min-width: 4rem; }
.html-table .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.html-table td.aside { opacity: 0.75; }
.html-table tr.picked td:first-child { box-shadow: inset 3px 0 var(--st-primary-color); }
.html-table tr[data-id] { cursor: pointer; }
.html-table tr[data-id]:hover { background: var(--st-secondary-background-color); }
.html-table tr.marked { background: TRUTH33; }
.html-table button { all: unset; cursor: pointer; }
.html-table button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px;
  border-radius: 2px; }
@media (max-width: 640px) { .html-table .aside { display: none; } }
""".replace("TRUTH", theme.TRUTH)
_JS = """
function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function line(row, kinds) {
  const made = element("tr", undefined, row.marked ? "marked" : "");
  if (row.id !== undefined) made.dataset.id = row.id;
  row.cells.forEach((text, at) => {
    const cell = element("td", kinds[at] === "button" ? undefined : text, kinds[at]);
    if (kinds[at] === "button") cell.append(element("button", text));  // so that a keyboard reaches every row
    made.append(cell);
  });
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".html-table"), shown = JSON.stringify(data);
  frame.onclick = (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row) return;
    frame.querySelector(".picked")?.classList.remove("picked");
    row.classList.add("picked");
    setTriggerValue("picked", Number(row.dataset.id));
  };
  if (frame.dataset.shown === shown) return;
  frame.dataset.shown = shown;
  const focused = frame.contains(document.activeElement) && document.activeElement.closest("tr")?.dataset.id;
  const table = element("table"), head = element("thead"), body = element("tbody"), names = element("tr");
  table.setAttribute("aria-label", data.label);
  frame.setAttribute("aria-label", data.label);
  frame.classList.toggle("list", data.rows.some((row) => row.id !== undefined));
  data.columns.forEach((name, at) => {
    const cell = element("th", name, data.kinds[at]);
    cell.scope = "col";
    names.append(cell);
  });
  head.append(names);
  body.append(...data.rows.map((row) => line(row, data.kinds)));
  table.append(head, body);
  frame.replaceChildren(table);
  if (!focused) frame.scrollTop = 0;
  else body.querySelector(`tr[data-id="${focused}"] button`)?.focus();
}
"""
_HTML = '<div class="html-table" role="region" tabindex="0"></div>'  # so that a keyboard can scroll it
_mount = st.components.v2.component("caser_html_table", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)
_KINDS = {"#": "number", "Film": "button", "Score": "number", tables.OTHER: "number", "Genres": "aside"}


def show(content: dict, key: str, pick: Callable[[int], None] | None = None) -> None:
    """Draw a table.

    Args:
        content: as made by `films` or `plain`. pick: called with the id of the row that is clicked.
    """
    if pick is None:
        _mount(key=key, data=content)
        return
    ids = {row["id"] for row in content["rows"]}

    def picked() -> None:
        chosen = st.session_state[key].get("picked")
        if chosen in ids:
            pick(chosen)

    _mount(key=key, data=content, on_picked_change=picked)


def plain(table: pd.DataFrame, label: str) -> dict:
    """A frame of texts; `label` is what the table is, for those who do not see it."""
    rows = [{"cells": [str(value) for value in row]} for row in table.itertuples(index=False, name=None)]
    return {"label": label, "columns": list(table.columns), "kinds": [""] * table.shape[1], "rows": rows}


def films(table: pd.DataFrame, target: int | None, label: str, other: str) -> dict:
    """A list from `tables.listed`, each row's id its film, dense; the held-out film's is marked.

    Args:
        target: dense, the held-out film. label: as in `plain`.
        other: heading of the column that says where another model has each film.
    """
    names = list(table.columns)
    return {
        "label": label,
        "columns": [other if name == tables.OTHER else name for name in names],
        "kinds": [_KINDS[name] for name in names],
        "rows": [
            {
                "id": int(film),
                "marked": bool(film == target),
                "cells": [_text(name, value) for name, value in zip(names, values, strict=True)],
            }
            for film, values in zip(table.index, table.itertuples(index=False, name=None), strict=True)
        ],
    }


def _text(name: str, value) -> str:
    if name == "Score":
        return f"{value:.2f}"
    if name == tables.OTHER:
        return rank_words(value)
    return str(value)
