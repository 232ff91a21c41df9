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
EVERY_SETTING, IN_20_SECONDS = (f"/train?data=cinema&how={how}" for how in ("Every+setting", "In+20+seconds"))
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


@pytest.fixture
def quiet_address(chromium, tmp_path, monkeypatch):
    """A server on which nothing was trained."""
    monkeypatch.setenv("CASER_JOBS_DIR", str(tmp_path / "jobs"))
    (tmp_path / "checkpoints").mkdir()
    with serving(tmp_path / "checkpoints", tmp_path) as address:
        yield address
        for job in jobs.active():
            job.cancel()
            wait(job)


def test_a_run_cancelled_and_resumed_stands_from_its_first_epoch(opened, address):
    page, stopped = opened(address + EVERY_SETTING), jobs.current()
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
    for again in (False, True):
        if again:
            opened(address + EVERY_SETTING)
        page.get_by_text(f"Stopped after {done} epochs. No checkpoint was saved.").wait_for()
        expect(page.get_by_text("New training on")).to_be_visible()
        expect(page.get_by_text("Checkpoints trained here (1)")).to_be_visible()
        settle(page)


def test_one_click_trains_and_the_filters_form(opened, quiet_address):
    page = opened(quiet_address + IN_20_SECONDS)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled()
    drawing = page.locator(".forming")
    drawing.wait_for(timeout=120_000)
    expect(drawing).to_have_attribute("data-epoch", re.compile("^[2-9]"), timeout=120_000)
    formed = pixels(page)
    jobs.current().cancel()  # on a fast machine it has ended
    wait(jobs.current())
    page.get_by_role("slider", name="Epoch").fill("0")
    expect(drawing).to_have_attribute("data-epoch", "0")
    expect(drawing.get_by_text("Before training the filters are noise.")).to_be_visible()
    assert pixels(page) != formed
    page.get_by_role("slider", name="Epoch").press("ArrowRight")
    expect(drawing).to_have_attribute("data-epoch", "1")
    page.get_by_role("button", name="Play", exact=True).click()
    last = str(len(jobs.current().state().reports))
    expect(drawing).to_have_attribute("data-epoch", last, timeout=30_000)
    settle(page)

    still = opened(quiet_address + IN_20_SECONDS, reduced_motion="reduce")
    still.locator(".forming canvas").first.wait_for()
    assert still.locator(".forming").get_attribute("data-epoch") == last  # at rest from the first moment
    still.get_by_role("button", name="Play", exact=True).click()
    assert still.locator(".forming").get_attribute("data-epoch") == "1"  # a step for each press


def pixels(page) -> str:
    """What the drawing's first filter looks like."""
    return page.locator(".forming canvas").first.evaluate("canvas => canvas.toDataURL()")
