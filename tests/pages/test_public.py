"""Public mode: what strangers may not do, and that without it everything is free."""

from __future__ import annotations

import pytest

from caser import checkpoint, data, jobs
from caser.config import preset
from caser.dashboard import public
from caser.data.dataset import split
from caser.experiment import Experiment
from tests.pages.test_train import TINY, folders, start_button, train, words, written  # noqa: F401


@pytest.fixture
def open_to_all(monkeypatch):
    monkeypatch.setenv(public.SWITCH, "1")
    return monkeypatch


def test_training_is_off_in_public_and_says_where_it_is_not(train, open_to_all):  # noqa: F811
    app = train.run()
    assert not app.exception
    assert "Training is switched off on this public server" in words(app)
    assert not any(button.label == "Start training" for button in app.button)


def test_a_budget_bounds_what_may_be_trained(train, open_to_all):  # noqa: F811
    open_to_all.setenv(public.BUDGET, "1e6")
    app = train.run()
    assert "parameters x windows x epochs and this public server allows 1.0e+06" in words(app)
    assert start_button(app).disabled
    open_to_all.setenv(public.BUDGET, "1e15")
    assert not start_button(app.run()).disabled


@pytest.mark.parametrize("value", ["-1", "much", "", "nan"])
def test_a_budget_that_is_no_number_allows_nothing(open_to_all, value):
    open_to_all.setenv(public.BUDGET, value)
    assert public.budget() == 0


def test_one_run_at_a_time_and_a_quota(open_to_all, folders):  # noqa: F811
    open_to_all.setenv(public.BUDGET, "1e15")
    wanted, parts = Experiment("mine", "cinema", TINY, device="cpu"), split(data.load("cinema"))
    public.require_allowed(wanted, parts)
    open_to_all.setattr(jobs, "active", lambda: ["one"])
    with pytest.raises(ValueError, match="one at a time"):
        public.require_allowed(wanted, parts)
    open_to_all.setattr(jobs, "active", list)
    open_to_all.setattr(checkpoint, "names", lambda: ["ml-100k-caser", *"abcde"])
    with pytest.raises(ValueError, match="keeps at most 5 checkpoints"):
        public.require_allowed(wanted, parts)
    open_to_all.setenv(public.QUOTA, "6")
    public.require_allowed(wanted, parts)


def test_nothing_is_bounded_on_ones_own_machine(monkeypatch):
    monkeypatch.delenv(public.SWITCH, raising=False)
    large = Experiment("mine", "cinema", preset("caser").replace(epochs=1000), device="cpu")
    public.require_allowed(large, split(data.load("cinema")))
    assert public.said("cannot read /home/me/data/u.data") == "cannot read /home/me/data/u.data"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "cannot load /srv/app/checkpoints/x.safetensors (cut short); fetch it",
            "cannot load x.safetensors (cut short); fetch it",
        ),
        ("see https://files.grouplens.org/datasets", "see https://files.grouplens.org/datasets"),
        ("in ~/.cache/caser there is none", "in caser there is none"),
        (r"C:\caser\data is full", "data is full"),
        ("HR@10 1/2", "HR@10 1/2"),
    ],
)
def test_no_path_of_the_server_is_said_in_public(open_to_all, text, shown):
    if "\\" in text:
        pytest.skip("paths of another system")
    assert public.said(text) == shown


def test_shipped_checkpoints_do_not_count():
    assert not public.SHIPPED.fullmatch("ml-100k-caser-mine")
    assert public.SHIPPED.fullmatch("cinema-convformer")


def test_somebody_elses_run_is_asked_about_and_in_public_left_alone(train, monkeypatch, open_to_all):  # noqa: F811
    job = written([{"event": "started"}], name="theirs")
    monkeypatch.setattr(jobs.Job, "state", lambda self: jobs.State("running", 0.0, 1.0, 1))
    monkeypatch.setattr(jobs, "current", lambda: job)
    monkeypatch.setattr(jobs, "active", lambda: [job])
    app = train.run()
    assert not any("Cancel" in button.label for button in app.button)
    monkeypatch.delenv(public.SWITCH)
    app.run()
    assert "Somebody may be waiting for it" in words(app)
    assert any(button.label == "Cancel it anyway" for button in app.button)


def test_data_cannot_be_brought_renamed_or_deleted_in_public(open_page, open_to_all):
    labels = lambda: {button.label for button in open_page("data").button}  # noqa: E731
    assert not labels() & {"Bring your own data", "Rename", "Delete it"}
    open_to_all.delenv(public.SWITCH)
    assert "Bring your own data" in labels()
