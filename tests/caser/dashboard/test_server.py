"""Threads and garbage of the dashboard's server."""

from __future__ import annotations

import gc

import pytest
import torch

from caser.dashboard import server
from caser.training.devices import cores


@pytest.fixture(autouse=True)
def unshared():
    """Leave the tests' own process as it was."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    gc.unfreeze()


def test_every_core_is_lent_and_given_back():
    torch.set_num_threads(1)
    with server.every_core():
        assert torch.get_num_threads() == cores()
    assert torch.get_num_threads() == 1


def test_what_a_page_loaded_is_not_walked_through_again():
    server.keep_for_good.clear()
    kept = gc.get_freeze_count()
    server.keep_for_good("A page")
    frozen = gc.get_freeze_count()
    assert frozen > kept + 1000
    server.keep_for_good("A page")
    assert gc.get_freeze_count() == frozen
