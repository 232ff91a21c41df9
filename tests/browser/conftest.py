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
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
PATIENCE = 60_000  # milliseconds for whatever a busy machine takes
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
        from playwright.sync_api import expect, sync_playwright
    except ModuleNotFoundError:  # only `requirements-dev.txt` brings it
        give_up("there is no playwright; install requirements-dev.txt")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        expect.set_options(timeout=PATIENCE)
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


@pytest.fixture(scope="session")
def window(chromium):
    """One window for all tests, since a new one has to fetch and compile the app anew."""
    with browsing(chromium) as window:
        yield window


@contextmanager
def browsing(chromium, **options):
    """A window that notes what is asked for."""
    context = chromium.new_context(**options)
    window, window.asked = context.new_page(), set()
    window.set_default_timeout(PATIENCE)
    window.on("request", lambda request: window.asked.add(request.url))
    yield window
    context.close()


@pytest.fixture
def opened(window):
    """Opens an address in the window, as if that were new."""

    def opened(address: str, width: int = 1300, height: int = 900, **media):
        cdp = window.context.new_cdp_session(window)
        cdp.send("Page.resetNavigationHistory")  # it holds 50 entries at most, and tests count them
        cdp.detach()
        window.set_viewport_size({"width": width, "height": height})
        window.emulate_media(**{"color_scheme": "light", "reduced_motion": "no-preference"} | media)
        window.mouse.move(0, 0)
        window.goto(address)
        return window

    return opened


@pytest.fixture
def visit(opened, server):
    """Opens a path of the app in the window and waits until it has been drawn."""

    def visit(path: str = "/", **options):
        page = opened(server + path, **options)
        settle(page)
        return page

    return visit


def settle(page) -> None:
    """Wait until the app is connected and at rest, then check that it shows no exception."""
    page.wait_for_selector("[data-test-connection-state='CONNECTED'][data-test-script-state='notRunning']")
    page.wait_for_selector("h1")
    page.wait_for_function("!document.querySelector('[data-testid=stSkeleton]')")
    assert page.locator("[data-testid='stException']").count() == 0


def enter(page, field, text: str) -> None:
    """Type into a field and wait for the page that answers; while a page is drawn its old fields are there, too."""
    from playwright.sync_api import expect

    settle(page)
    expect(field).to_have_count(1)
    field.fill(text)
    field.press("Enter")
    settle(page)


def click_until(button, wanted) -> None:
    """Click a button until what it opens is there: a click while the page is drawn anew is lost."""
    from playwright.sync_api import TimeoutError

    for _ in range(6):
        button.click()
        with suppress(TimeoutError):
            return wanted.wait_for(timeout=PATIENCE / 6)
    return wanted.wait_for()
