"""Threads and garbage of the dashboard's server."""

from __future__ import annotations

import gc

import pytest
import torch

from caser import files
from caser.dashboard.runtime import server
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
    more = [[] for _ in range(1000)]
    server.keep_for_good("A page")
    assert gc.get_freeze_count() < frozen + len(more)  # less, where a thread that ended gave some of it back


def test_what_killed_writes_left_is_cleared_at_the_start(tmp_path, monkeypatch):
    folders = {name: tmp_path / name for name in ("CASER_CHECKPOINT_DIR", "CASER_DATA_DIR", "CASER_CACHE_DIR")}
    left = [folder / f"{files.SCRATCH}0" for folder in folders.values()]
    monkeypatch.setenv("HOME", str(tmp_path))
    for (name, folder), unfinished in zip(folders.items(), left, strict=True):
        monkeypatch.setenv(name, str(folder))
        unfinished.mkdir(parents=True)
        (unfinished / "lock").touch()
        (unfinished / "archive.zip").write_text("half")
        (folder / "mine").touch()
    server.clear_what_was_left.clear()
    server.clear_what_was_left()
    assert [folder.exists() for folder in left[:2]] == [False, False]
    assert all((folder / "mine").exists() for folder in folders.values())
