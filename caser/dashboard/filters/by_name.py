"""Every horizontal filter of a model by what it looks for."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from caser.dashboard import results
from caser.dashboard.filters.scene import Scene
from caser.dashboard.names import filter_name
from caser.dashboard.table import table
from caser.explain import filters


def draw(scene: Scene, look_at: Callable[[tuple[int, int]], None]) -> None:
    """The filters as a table; a click calls `look_at` with one's height and index."""
    options = filters.horizontal_filters(scene.view.trained.model)
    table.show(_content(scene), "filters by name", lambda place: look_at(options[place]))
    st.caption(
        "First those that come back in other trainings, then those that add most here. Explained: the share of a row's "
        "variance its name accounts for. Random: 95 of 100 random filters stay below it."
    )


def _content(scene: Scene) -> dict:
    """All filters as a table, those that matter first; a row's id is its place among the model's filters."""
    view, rows = scene.view, []
    findings = results.found_in_filters(view.trained, view.split)
    called = findings.names(view.split)
    for place, (height, index) in enumerate(filters.horizontal_filters(view.trained.model)):
        name, horizontal = called[height, index], scene.horizontal(height, index)
        again = findings.stability.again(height, index) if findings.stability else None
        adds = f"{horizontal.contribution:+z.2f}" if horizontal.alive else "inactive"
        seen = "–" if again is None else f"{again} of {findings.stability.others}"
        explained = f"{name.share:.0%}" if name.named else "–"
        random = "–" if name.random_share is None else f"{name.random_share:.0%}"
        cells = [filter_name(height, index), name.text, adds, explained, random, seen]
        row = {"id": place, "cells": cells}
        rows.append((-(again or 0), -abs(horizontal.contribution), row))
    kinds = ["number", "button", "number", "number", "number", "number"]
    columns = ["Filter", "Looks for", "Adds", "Explained", "Random", "Again"]
    ordered = [row for *_, row in sorted(rows, key=lambda entry: entry[:2])]
    return {"label": "All filters by name", "columns": columns, "kinds": kinds, "rows": ordered}
