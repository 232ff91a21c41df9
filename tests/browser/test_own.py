"""A data set of one's own in a browser: dropped, looked at, kept, opened, trained on, and deleted."""

from __future__ import annotations

import re

import pytest

from caser import jobs
from tests import own_set
from tests.browser.conftest import click_until, enter, serving, settle
from tests.caser.test_jobs import wait

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
LOG = "reader,isbn,stars,when\n" + "\n".join(
    f"r{u},<b>b{(u * 3 + i) % 12}</b>,{i % 5 + 1},2020-01-{i + 1:02d}" for u in range(30) for i in range(8)
)


def test_a_log_is_dropped_looked_at_kept_opened_and_deleted(visit):
    page = visit("/data")
    page.get_by_role("button", name="Bring your own data").click()
    dialog = page.get_by_role("dialog")
    file = {"name": "My log.csv", "mimeType": "text/csv", "buffer": LOG.encode()}
    dialog.locator("input[type=file]").first.set_input_files(file)
    settle(page)
    expect(dialog.get_by_text("240 interactions of 30 users with 12 items", exact=False)).to_be_visible()
    enter(page, dialog.get_by_label("Name of the data set"), "cinema")
    expect(dialog.get_by_text("already; choose another name", exact=False)).to_be_visible()
    enter(page, dialog.get_by_label("Name of the data set"), "my-log")
    expect(dialog.get_by_text("already; choose another name", exact=False)).to_have_count(0)
    enter(page, dialog.get_by_label("One item is a"), "book")
    dialog.get_by_role("button", name="Keep it and open it").click()
    expect(page).to_have_url(re.compile(r"data=my-log(&|$)"))
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Books", exact=True).first).to_be_visible()
    assert not page.locator("b", has_text="b3").count()  # titles from outside are no markup
    settle(page)
    page.get_by_text("Data sets brought here (1)").click()
    delete = page.get_by_role("button", name="Delete it")
    click_until(page.get_by_role("button", name="Delete", exact=True), delete)
    delete.click()
    expect(page.get_by_text("Data sets brought here", exact=False)).to_have_count(0)


def test_a_log_is_trained_on_at_once_and_not_again_by_its_address(opened, chromium, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_JOBS_DIR", str(tmp_path / "jobs"))
    (tmp_path / "checkpoints").mkdir()
    with serving(tmp_path / "checkpoints", tmp_path) as address:
        page = opened(f"{address}/data?data=cinema")
        page.get_by_role("button", name="Bring your own data").click()
        dialog = page.get_by_role("dialog")
        file = {"name": "My log.csv", "mimeType": "text/csv", "buffer": LOG.encode()}
        dialog.locator("input[type=file]").first.set_input_files(file)
        settle(page)
        expect(dialog.get_by_text("reader says who: 30 values", exact=False)).to_be_visible()
        expect(dialog.get_by_text("on 8 January 2020", exact=False)).to_have_count(3)
        dialog.get_by_role("button", name="Train on it now").click()
        expect(page).to_have_url(re.compile(r"/train\?data=my-log(&|$)"))
        expect(page.get_by_text("Training my-log-caser-1", exact=False).first).to_be_visible()
        (job,) = jobs.recent()
        try:
            settle(opened(page.url))
            assert len(jobs.recent()) == 1
        finally:
            job.cancel()
            wait(job)


def test_a_file_that_cannot_be_read_says_why_and_keeps_nothing(visit):
    page = visit("/data")
    page.get_by_role("button", name="Bring your own data").click()
    dialog = page.get_by_role("dialog")
    file = {"name": "log.csv", "mimeType": "text/csv", "buffer": b'user,item\n1,2\n1,"3\n1,4\n'}
    dialog.locator("input[type=file]").first.set_input_files(file)
    expect(dialog.get_by_text("line 3 opens a quotation mark that is never closed", exact=False)).to_be_visible()
    expect(dialog.get_by_role("button", name="Keep it and open it")).to_have_count(0)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_a_part_that_is_drawn_anew_alone_speaks_of_the_data(chromium, opened, tmp_path):
    own_set.make(tmp_path)
    with serving(tmp_path / "checkpoints", tmp_path) as address:
        page = opened(f"{address}/recommend?data=books&model=b-caser&user=7")
        settle(page)
        for answer in ("Why this book", "What if", "Who or what"):
            page.get_by_role("radio", name=answer).click()
            settle(page)
            assert not re.findall(r"(?i)\b(?:films?|viewers?|watch(?:ed|ing)?)\b", page.locator("body").inner_text())
