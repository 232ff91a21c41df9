"""The quick set of hostile inputs, and that harm would be seen."""

import shutil
import time
import urllib.request

import pytest

from tests.fuzz import watch
from tests.fuzz.kinds import KINDS
from tests.fuzz.search import search

INPUTS = 500


def test_no_hostile_input_does_harm(tmp_path, trained_once):
    shutil.copytree(trained_once, tmp_path / "checkpoints")
    tried = list(search(range(INPUTS), 0, tmp_path))
    assert {one.kind for one in tried} == set(KINDS)
    harmful = [f"input {one.number}, {one.kind}: {one.shown}\n{one.harm}" for one in tried if one.harm]
    assert not harmful, "\n\n".join(harmful)


class Empty:
    """A place in which nothing is left over."""

    left_over = ()


def hang():
    time.sleep(5)


def ask():
    with pytest.raises(OSError, match=r".*"):
        urllib.request.urlopen("http://192.0.2.1/", timeout=0.01)


@pytest.mark.parametrize(("tries", "said"), [(hang, "took more"), (ask, "asked 192.0.2.1"), (lambda: 1 / 0, "Zero")])
def test_harm_is_seen(monkeypatch, tries, said):
    monkeypatch.setattr(watch, "SECONDS", 0.2)
    monkeypatch.delenv("http_proxy", raising=False)
    assert said in watch.verdict(Empty, tries)
    assert watch.verdict(Empty, lambda: None) == ""


def test_what_is_left_half_written_is_seen():
    class Full:
        left_over = ("a.part",)

    assert watch.verdict(Full, lambda: None) == "it left a.part"
