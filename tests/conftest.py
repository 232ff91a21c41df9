"""What several test folders share: a small trained checkpoint set, and a machine without network or MovieLens."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: spinning threads make a busy machine collapse
os.environ.setdefault("OMP_NUM_THREADS", "1")  # then the same seed gives the same weights to the bit

from functools import cache

import plotly.graph_objects as go
import pytest
from streamlit.components.v2 import manifest_scanner

from caser import data
from caser.dashboard.figures import plot
from caser.data import cinema, movielens
from caser.data.archive import DataError
from caser.data.dataset import Split, split
from tests import small

NO_NETWORK = "could not download: there is no network; connect and try again"


@pytest.fixture(autouse=True)
def checked_figures(monkeypatch):
    """Lets Plotly check every value of every figure, which takes the app too long."""
    made = plot._made

    def checked(traces: list[dict], look: dict) -> go.Figure:
        go.Figure(data=traces, layout=look)
        return made(traces, look)

    monkeypatch.setattr(plot, "_made", checked)


@pytest.fixture(scope="session", autouse=True)
def simulated_once():
    """Simulating all of cinema takes 0.5 s, and gives the same every time."""
    simulate, all_of_it = cinema.generate, cache(cinema.generate)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cinema, "generate", lambda *args, **kw: simulate(*args, **kw) if args or kw else all_of_it())
        yield


@pytest.fixture(scope="session", autouse=True)
def packages_scanned_once():
    """Every AppTest searches all installed packages for components, which takes half of a page's time."""
    with pytest.MonkeyPatch.context() as patch:
        scan = manifest_scanner.scan_component_manifests
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        yield


@pytest.fixture(scope="session")
def cinema_split() -> Split:
    """The embedded data set's split."""
    return split(data.load("cinema"))


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory):
    """A folder with cinema-caser and cinema-mf: small, a few epochs, better than popularity."""
    folder = tmp_path_factory.mktemp("checkpoints")
    small.train(folder)
    return folder


@pytest.fixture
def checkpoints(trained_once, monkeypatch):
    """The folder of small checkpoints, which CASER_CHECKPOINT_DIR names."""
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(trained_once))
    return trained_once


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A machine without MovieLens and without a network; the folder where data would be looked for."""

    def refuse(name, progress=None, timeout=30.0):
        raise DataError(NO_NETWORK)

    monkeypatch.setattr(movielens, "fetch", refuse)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"
