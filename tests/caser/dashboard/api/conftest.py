"""A service of its own for every test, over small checkpoints on cinema."""

from __future__ import annotations

import pytest
import streamlit as st
import torch

from caser.dashboard import public
from tests.asking import Asking


@pytest.fixture
def ask(checkpoints, offline, monkeypatch):
    """Asks a service that nobody has asked yet."""
    monkeypatch.delenv(public.SWITCH, raising=False)
    threads = torch.get_num_threads()
    asking = Asking()
    yield asking
    asking.close()
    torch.set_num_threads(threads)
    st.cache_resource.clear()
