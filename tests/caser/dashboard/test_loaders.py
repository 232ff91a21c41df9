"""What is kept is computed once for what it is known by, and dropped with Streamlit's own cache."""

from dataclasses import replace

import pytest
import streamlit as st

from caser import checkpoint
from caser.dashboard import loaders, waiting


class Weights:
    """Known by its digest."""

    def __init__(self, digest: str):
        self.digest = digest


@pytest.fixture
def called():
    """Counts the calls of a kept function: (function, arguments seen)."""
    seen = []

    @loaders.kept_by({Weights: lambda one: one.digest}, max_entries=2)
    def double(weights: Weights, number: int) -> str:
        seen.append((weights.digest, number))
        return 2 * f"{weights.digest}{number}"

    yield double, seen
    st.cache_resource.clear()


def test_equal_arguments_are_looked_up_and_others_computed(called):
    double, seen = called
    assert [double(Weights("a"), 1), double(Weights("a"), 1)] == ["a1a1", "a1a1"]
    assert [double(Weights("b"), 1), double(Weights("a"), 2)] == ["b1b1", "a2a2"]
    assert seen == [("a", 1), ("b", 1), ("a", 2)]


def test_what_the_cache_drops_is_computed_anew(called):
    double, seen = called
    for number in (1, 2, 3, 1):
        double(Weights("a"), number)
    assert len(seen) == 4
    st.cache_resource.clear()
    double(Weights("a"), 1)
    assert len(seen) == 5


def test_rivals_follow_the_folder(offline, checkpoints, tmp_path, monkeypatch):
    caser, mf = checkpoint.load("cinema-caser"), checkpoint.load("cinema-mf")
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    checkpoint.save(caser, tmp_path), checkpoint.save(mf, tmp_path)
    assert loaders.rivals("cinema-caser") == ["cinema-mf"]
    added = checkpoint.save(replace(mf, metadata=replace(mf.metadata, name="another")), tmp_path)
    assert loaders.rivals("cinema-caser") == ["cinema-mf", "another"]
    checkpoint.locate("cinema-mf").write_bytes(b"broken")
    assert loaders.rivals("cinema-caser") == ["another"]
    added.unlink()
    assert loaders.rivals("cinema-caser") == []


def test_the_outermost_is_what_is_waited_for_in_the_words_of_the_data(monkeypatch):
    said = []
    monkeypatch.setattr(waiting, "wait_for", lambda key, compute, text: said.append(text) or compute())
    monkeypatch.setattr(loaders, "spoken", lambda text: text.replace("films", "books"))
    inner = loaders.kept_by({}, spinner="Reading films")(lambda: 1)
    outer = loaders.kept_by({}, spinner="Ranking films")(lambda: 1 + inner())
    unsaid = loaders.kept_by({})(lambda: 1 + inner())
    assert (outer(), outer(), inner()) == (2, 2, 1)
    assert said == ["Ranking books"]
    st.cache_resource.clear()
    assert (unsaid(), inner()) == (2, 1)
    assert said == ["Ranking books"]
    st.cache_resource.clear()
    assert inner() == 1
    assert said == ["Ranking books", "Reading books"]
    st.cache_resource.clear()
