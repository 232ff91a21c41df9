"""The parts of the page below its first screen: a list of links to them, and which of them the address opens."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from caser.dashboard.runtime.component import component
from caser.dashboard.selection import quoted, write_on_page

PART = "part"  # the parameter in the URL: open parts, separated by commas
_IMPLIED = {"one": "pair", "other": "pair", "read": "measured"}  # parameters of a part, which open it by themselves
_mount = component("caser_contents", __file__, '<nav class="contents"></nav>')


def opened() -> list[str]:
    """The parts that the address opens, in its order."""
    asked = st.query_params.get(PART)
    if asked is None:
        return list(dict.fromkeys(part for name, part in _IMPLIED.items() if name in st.query_params))
    return list(filter(None, asked.split(",")))


def draw(titles: Mapping[str, str]) -> None:
    """Links to the parts, by name; one opens its part and brings it to the top, as the address does."""
    for name in opened():
        if name not in titles:
            st.warning(f"{PART}={quoted(name)} in the address is no part of this page; pick one from the list.")
    now = st.query_params.to_dict()
    parts = [
        {"name": name, "title": title, "address": urlencode(now | {PART: _with(name)})}
        for name, title in titles.items()
    ]
    first = next((name for name in opened() if name in titles), "")
    _mount(key="contents", data={"label": "On this page", "parts": parts, "open": first}, on_picked_change=_follow)


def part(name: str, title: str):
    """A part's expander, open where the address says so."""
    key = f"part-{name}"
    st.session_state[key] = name in opened()
    return st.expander(title, key=key, on_change=_turn, args=(name, key))


def _follow() -> None:
    if name := st.session_state["contents"].get("picked"):
        write_on_page(**{PART: _with(name)})


def _turn(name: str, key: str) -> None:
    """Write what was opened or closed into the address; closing the last needs a word where others would open one."""
    parts = _with(name) if st.session_state[key] else ",".join(part for part in opened() if part != name)
    write_on_page(**{PART: parts if parts or _IMPLIED.keys() & st.query_params.keys() else None})


def _with(name: str) -> str:
    return ",".join(dict.fromkeys([*opened(), name]))
