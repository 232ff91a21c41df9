"""A real server and a real Chromium, on cinema, without a network."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
NOWHERE = "http://127.0.0.1:9"  # a proxy that refuses: what no network looks like


if os.environ.get("CASER_REQUIRE_BROWSER") == "1":
    import playwright  # noqa: F401  (the tests skip themselves where it is missing; here it must not be)


def give_up(reason: str) -> None:
    """Skip, or fail where CASER_REQUIRE_BROWSER=1 asks for a browser."""
    if os.environ.get("CASER_REQUIRE_BROWSER") == "1":
        pytest.fail(f"CASER_REQUIRE_BROWSER is 1, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    """A headless browser."""
    if not CHROMIUM:
        give_up("there is no Chromium; install it or set CHROMIUM to its path")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:  # only `requirements-dev.txt` brings it
        give_up("there is no playwright; install requirements-dev.txt")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(chromium, trained_once, tmp_path_factory):
    """The app's address."""
    with serving(trained_once, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture
def fresh_server(chromium, trained_once, tmp_path):
    """The address of a server that nobody has visited."""
    with serving(trained_once, tmp_path) as address:
        yield address


@contextmanager
def serving(checkpoints: Path, home: Path, script: str = "app.py"):
    """A server with these checkpoints and no network, for as long as the context lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "CASER_CHECKPOINT_DIR": str(checkpoints),
        "CASER_DATA_DIR": str(home / "data"),
        "CASER_JOBS_DIR": str(home / "jobs"),
        "HOME": str(home),
        "HTTPS_PROXY": NOWHERE,
        "https_proxy": NOWHERE,
    }
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true", f"--server.port={port}"]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield wait_for(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(10)


def wait_for(address: str, process: subprocess.Popen) -> str:
    """`address`, once the server there is healthy."""
    for _ in range(300):
        assert process.poll() is None, "the server ended before it was up"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
                if answer.read() == b"ok":
                    return address
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the server was not up within 30 s")


@pytest.fixture
def visit(chromium, server):
    """Opens a path of the app in a window of its own and waits until it has been drawn."""
    context = chromium.new_context(viewport={"width": 1300, "height": 900})

    def visit(path: str = "/"):
        page = context.new_page()
        page.set_default_timeout(45_000)
        page.goto(server + path)
        settle(page)
        return page

    yield visit
    context.close()


def settle(page) -> None:
    """Wait until the app is connected and at rest, then check that it shows no exception."""
    page.wait_for_selector("[data-test-connection-state='CONNECTED'][data-test-script-state='notRunning']")
    page.wait_for_selector("h1")
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    assert page.locator("[data-testid='stException']").count() == 0
