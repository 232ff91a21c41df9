"""A training run in a browser: cancelled, resumed, and shown whole to whoever comes."""

from __future__ import annotations

import re

import pytest

from caser import jobs
from caser.config import preset
from caser.experiment import Experiment
from tests.browser.conftest import serving, settle
from tests.caser.test_jobs import wait

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
TINY = preset("mf").replace(d=2, epochs=1, refit=False)
ENDLESS = TINY.replace(epochs=1000, patience=0, batch_size=64)


@pytest.fixture
def address(chromium, tmp_path, monkeypatch):
    """A server with one checkpoint of its own and one run that was cancelled after two epochs or more."""
    monkeypatch.setenv("CASER_JOBS_DIR", str(tmp_path / "jobs"))
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    Experiment("mine", "cinema", TINY, device="cpu").run()
    job = jobs.start(Experiment("half", "cinema", ENDLESS, device="cpu", keep_state=True))
    try:
        wait(job, lambda state: len(state.reports) >= 2)
    finally:
        job.cancel()
    wait(job)
    with serving(tmp_path / "checkpoints", tmp_path) as address:
        yield address


def visit(chromium, address: str):
    page = chromium.new_page()
    page.set_default_timeout(45_000)
    page.goto(f"{address}/train?data=cinema")
    return page


def test_a_run_cancelled_and_resumed_stands_from_its_first_epoch(chromium, address):
    page, stopped = visit(chromium, address), jobs.current()
    before = len(stopped.state().reports)
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("Training half").wait_for()
    resumed = jobs.current()
    try:
        wait(resumed, lambda state: len(state.reports) > before)
        page.get_by_text(re.compile(r"The loss fell from .* epochs")).first.wait_for()
        expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()  # one's own: it does not ask
    finally:
        resumed.cancel()
    done = len(wait(resumed).reports)
    for shown in (page, visit(chromium, address)):
        shown.get_by_text(f"Stopped after {done} epochs. No checkpoint was saved.").wait_for()
        expect(shown.get_by_text("New training on")).to_be_visible()
        expect(shown.get_by_text("Checkpoints trained here (1)")).to_be_visible()
        settle(shown)
        shown.close()
