"""Threads and garbage of the dashboard's process."""

from __future__ import annotations

import gc

import pytest
import torch

from caser import jobs
from caser.dashboard import server as process


@pytest.fixture(autouse=True)
def unshared():
    """Leave the tests' own process as it was."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    gc.unfreeze()


def test_every_core_is_lent_and_given_back():
    torch.set_num_threads(1)
    with process.every_core():
        assert torch.get_num_threads() == jobs.cores()
    assert torch.get_num_threads() == 1


def test_what_a_page_loaded_is_not_walked_through_again():
    process.keep_for_good.clear()
    kept = gc.get_freeze_count()
    process.keep_for_good("A page")
    frozen = gc.get_freeze_count()
    assert frozen > kept + 1000
    process.keep_for_good("A page")
    assert gc.get_freeze_count() == frozen
