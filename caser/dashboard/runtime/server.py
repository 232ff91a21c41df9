"""Settings of the one process that serves all visitors: its threads and its garbage collection."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import streamlit as st
import torch

from caser import checkpoint, files
from caser.data.archive import data_dir, home_dir
from caser.explain.ablation import cache_folder
from caser.training.devices import cores

_MEASURING = threading.Lock()  # the number of threads is the whole process's


@st.cache_resource(show_spinner=False)
def share_cores() -> None:
    """Give every page one thread of torch, and let it run longer before Python switches to another thread.

    The work of one page is small: starting more threads costs more than they save. A page's run shares the
    interpreter with the loop that sends its output. Switching every 5 ms, Python's default, makes a run of 60 ms
    take about a tenth longer.
    """
    torch.set_num_threads(1)
    sys.setswitchinterval(0.02)


@st.cache_resource(show_spinner=False)
def clear_what_was_left() -> None:
    """Delete what processes killed while they were writing left in our folders."""
    for folder in {checkpoint.folder(), data_dir(), data_dir() / "parsed", home_dir(), cache_folder()}:
        files.sweep(folder)


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
    """Tell the garbage collector to skip what the first run of `page` has loaded.

    Streamlit collects after every run. Looking through all of torch and plotly took most of a small redraw.
    """
    gc.collect()
    gc.freeze()
    with suppress(OSError, TypeError, AttributeError):  # glibc keeps what was freed, some 30 MB here, unless asked
        ctypes.CDLL(None).malloc_trim(0)
