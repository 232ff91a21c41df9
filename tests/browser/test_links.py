"""A link changes the address and leaves one entry of history, also a link to the page it stands on."""

from __future__ import annotations

import re
import shutil
from urllib.parse import urlencode

import pytest

from caser.config import preset
from caser.dashboard.presenting.tour import STEPS
from caser.experiment import Experiment
from tests.browser.conftest import serving, settle

expect = pytest.importorskip("playwright.sync_api", reason="`pip install -r requirements-dev.txt` brings it").expect
LONG = 45_000  # milliseconds for a page to be drawn, on a busy machine too
FROM = "?data=cinema&user=9&model={model}"
READABLE = {"d": 4, "L": 3, "n_h": 2, "n_v": 1, "epochs": 1, "patience": 0, "refit": False}


@pytest.fixture(scope="module")
def server(chromium, trained_once, tmp_path_factory):
    """The app with one more model, whose every number can be read."""
    folder, home = tmp_path_factory.mktemp("models") / "checkpoints", tmp_path_factory.mktemp("home")
    shutil.copytree(trained_once, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(folder))
        Experiment("cinema-readable", "cinema", preset("caser").replace(**READABLE), device="cpu").run()
    with serving(folder, home) as address:
        yield address


def entries(page) -> int:
    return page.evaluate("history.length")


def expect_step(page, number: int) -> None:
    """The address says the step, and so does the page, which is the step's own."""
    step = STEPS[number - 1]
    expect(page.get_by_role("dialog", name=f"Tour, step {number} of {len(STEPS)}")).to_be_visible(timeout=LONG)
    says = {"data": "cinema", "user": 9, "model": "cinema-caser", **dict(step.params), "tour": number}
    path = "/" if step.page == "overview" else f"/{step.page}"
    expect(page).to_have_url(re.compile(re.escape(f"{path}?{urlencode(says)}") + "$"))
    settle(page)


def test_the_tour_is_walked_forwards_reloaded_at_each_step_and_walked_back(visit):
    page = visit("/" + FROM.format(model="cinema-caser"))
    before, numbers = entries(page), range(1, len(STEPS) + 1)
    for number in numbers:
        page.get_by_role("link", name="Next" if number > 1 else "Tour", exact=True).click()
        expect_step(page, number)
        page.reload()
        expect_step(page, number)
        assert entries(page) == before + number
    for number in reversed(numbers[:-1]):
        page.go_back()
        expect_step(page, number)
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=LONG)
    expect(page).not_to_have_url(re.compile("tour="))
    assert entries(page) == before + len(STEPS)


def test_leaving_the_tour_keeps_the_page(visit):
    page = visit("/filters" + FROM.format(model="cinema-caser") + "&tour=4")
    before = entries(page)
    page.get_by_role("link", name="Leave", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=LONG)
    expect(page).to_have_url(re.compile(r"/filters\?data=cinema&user=9&model=cinema-caser$"))
    assert entries(page) == before + 1
    page.go_back()
    expect_step(page, 4)


def test_a_link_to_another_model_on_the_same_page(visit):
    model, label, opened = "cinema-mf", "Look into cinema-caser", "cinema-caser"

    def expect_model(name: str) -> None:
        expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(name, timeout=LONG)
        expect(page).to_have_url(re.compile(rf"/filters\?.*model={name}$"))

    page = visit("/filters" + FROM.format(model=model))
    before = entries(page)
    page.get_by_role("link", name=label).click()
    expect_model(opened)
    settle(page)
    page.reload()
    expect_model(opened)
    assert entries(page) == before + 1
    page.go_back()
    expect_model(model)
