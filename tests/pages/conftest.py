"""Pages as a visitor without a network meets them first: on cinema, with small checkpoints."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from caser.dashboard.runtime import server
from caser.dashboard.search import box
from caser.dashboard.waiting import first_download

APP = Path(__file__).parents[2] / "pages" / "main.py"


@pytest.fixture(autouse=True)
def not_for_good(monkeypatch):
    """What a server does once, so that it can stay for long, would take 0.3 s of every test."""
    monkeypatch.setattr(server, "keep_for_good", lambda _: None)


@pytest.fixture(autouse=True)
def error_details():
    """What is shown of an error is the whole process's, and less on a public server."""
    details = st.get_option("client.showErrorDetails")
    yield
    st.set_option("client.showErrorDetails", details)


@pytest.fixture(autouse=True)
def plain_search_box(monkeypatch):
    """A field without suggestions, "typed into" before its key: AppTest has no browser that would draw the box."""

    def mount(key: str, data: dict, width: int, on_taken_change) -> None:
        field = f"typed into {key}"

        def take() -> None:
            st.session_state[key] = {"taken": ["text", st.session_state[field]]}
            st.session_state[field] = ""
            on_taken_change()

        st.text_input(data["label"], key=field, on_change=take, disabled=data["disabled"], width=width)

    monkeypatch.setattr(box, "_mount", mount)


@pytest.fixture
def open_page(offline, checkpoints):
    """Opens a page by name, with URL parameters, and fails if it shows an exception.

    What is computed is kept for later tests: it is known by the data and weights it was computed from.
    """
    threads, interval = torch.get_num_threads(), sys.getswitchinterval()
    for once in (server.share_cores, server.clear_what_was_left, first_download.first_download):
        once.clear()

    def open_page(page: str, **params: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=30)
        for key, value in params.items():
            app.query_params[key] = value
        app.switch_page(f"{page}.py").run()
        assert not app.exception
        return app

    yield open_page
    torch.set_num_threads(threads)  # main.py changes both for the whole process
    sys.setswitchinterval(interval)


@pytest.fixture
def read():
    """Everything written on a page, as one text."""

    def read(app: AppTest) -> str:
        kinds = ("title", "subheader", "markdown", "caption", "info", "warning")
        return "\n".join(str(part.value) for kind in kinds for part in getattr(app, kind))

    return read


@pytest.fixture
def table_frames():
    """The tables of a page as they are read: a frame each, its index the rows' ids where they have one."""

    def table_frames(app: AppTest) -> list[pd.DataFrame]:
        drawn = [json.loads(part.proto.json) for part in app.get("bidi_component")]
        return [
            pd.DataFrame(
                [row["cells"] for row in table["rows"]],
                [row.get("id", at) for at, row in enumerate(table["rows"])],
                table["columns"],
            )
            for table in drawn
            if "rows" in table  # else it is a picture
        ]

    return table_frames
