"""What was planted in simulated viewers, and which filter has it, in a line."""

from __future__ import annotations

import streamlit as st

from caser import data
from caser.dashboard import results
from caser.dashboard.filters import real
from caser.dashboard.selection import link
from caser.dashboard.view import View
from caser.explain.planted import Pattern


def draw(view: View) -> None:
    """Every planted pattern: a link to the filter that has it, or that none has; nothing where viewers are real."""
    patterns = results.planted(view.trained, view.split) if view.trained.model.has_filters else ()
    helped = next((pattern for pattern in patterns if not pattern.filter), None)
    for pattern in patterns:
        name = f"{'Planted: ' if pattern is patterns[0] else ''}{pattern.name}"
        if pattern.filter:
            params = view.selection.params() | {"filter": pattern.filter, "view": real.TITLE}
            link(
                "filters",
                f"{name}, found by filter {pattern.filter}{_again(view, pattern)}",
                params,
                ":material/check:",
            )
        else:
            help = _planted(view) if pattern is helped else None
            st.markdown(f":gray-badge[{name}, not found]", width="content", help=help)


def _again(view: View, pattern: Pattern) -> str:
    """How often the filter comes back, since one training is no finding."""
    stability = results.found_in_filters(view.trained, view.split).stability
    return f" ({stability.again(*pattern.at)} of {stability.others} trainings have it, too)" if stability else ""


def _planted(view: View) -> str:
    found = "Found: one filter's rows seek it more clearly than those of any of 100 sets of random filters."
    return f"{data.source(view.dataset.name).planted}\n\n{found}"
