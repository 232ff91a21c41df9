"""How the dashboard's one process serves many visitors: threads, and what garbage collection walks through."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
import torch

from caser.training.devices import cores

_MEASURING = threading.Lock()  # the number of threads is the whole process's


@st.cache_resource(show_spinner=False)
def share_cores() -> None:
    """A thread a visitor: for the work of one page more threads cost more to start than they save.

    A page's run and the loop that sends what it makes take turns at the interpreter; with Python's 5 ms a run
    of some 60 ms is interrupted so often that its last part arrives a tenth later.
    """
    torch.set_num_threads(1)
    sys.setswitchinterval(0.02)


@contextmanager
def every_core() -> Iterator[None]:
    """All cores for as long as something is measured that will run on all."""
    with _MEASURING:
        torch.set_num_threads(cores())
        try:
            yield
        finally:
            torch.set_num_threads(1)


@st.cache_resource(show_spinner=False)
def keep_for_good(page: str) -> None:
    """Spare the garbage collector what the first run of `page` has loaded.

    Streamlit collects after every run; walking through torch and plotly was most of a small redraw.
    """
    gc.collect()
    gc.freeze()
