"""The playground on Train: what can be changed, a run going on, and every way it ends."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pytest

from caser import checkpoint, jobs
from caser.dashboard.train import playground
from caser.experiment import Experiment
from caser.training.loop import fit
from tests.pages.test_train import epochs, folders, report, words, written  # noqa: F401

NAME = f"{playground.NAME}-1"
QUICK = playground.START.replace(epochs=2)


@pytest.fixture
def play(open_page, checkpoints, tmp_path, monkeypatch):
    """Opens Train as a visitor of cinema does first; what is trained lands in a folder of its own."""
    shutil.copytree(checkpoints, tmp_path / "copies")
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "copies"))
    return lambda **params: open_page("train", data="cinema", **params)


@pytest.fixture
def started(monkeypatch):
    """What was asked to be trained, which is not."""
    asked = []

    def start(experiment, queue=False):
        asked.append(experiment)
        return written(epochs(report(1, 0.1)), experiment.name, experiment.config)

    monkeypatch.setattr(jobs, "start", start)
    return asked


def button(app, label="Train"):
    return next(one for one in app.button if one.label == label)


def drawn(app) -> dict:
    """What the drawing of forming filters was given."""
    given = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    return next(data for data in given if "bands" in data)


def test_one_click_trains_a_small_model_on_cinema_whatever_the_page_shows(play, started):
    app = play()
    assert not app.error
    button(app).click().run()
    assert not app.exception
    (wanted,) = started
    assert (wanted.name, wanted.dataset, wanted.config) == (NAME, "cinema", playground.START)
    assert wanted.config.model.d == 10


def test_what_can_be_changed_takes_effect(play, started):
    app = play()
    for name, value in (("L", 3), ("n_h", 2), ("n_v", 0)):
        app.number_input(key=f"play {name}").set_value(value)
    app.segmented_control(key="play loss").set_value("bpr").run()
    button(app).click().run()
    model, training = started[0].config.model, started[0].config.training
    assert (model.L, model.n_h, model.n_v, training.loss) == (3, 2, 0, "bpr")
    assert training.negatives > 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("L", 40, "Films read (L) is 40; it takes 2 to 9 here"),
        ("L", -1, "Films read (L) is -1; it takes 2 to 9 here"),
        ("n_h", 1000, "Filters of each height is 1000; it takes 0 to 8 here"),
        ("n_v", 9, "Blends is 9; it takes 0 to 8 here"),
    ],
)
def test_a_number_out_of_range_is_a_sentence_with_the_remedy(play, name, value, said):
    app = play()
    app.number_input(key=f"play {name}").set_value(value).run()
    assert not app.exception
    assert said in app.error[0].value
    assert "Every setting" in app.error[0].value
    assert button(app).disabled


def test_nothing_to_watch_is_said(play):
    app = play()
    app.number_input(key="play n_h").set_value(0)
    app.number_input(key="play n_v").set_value(0).run()
    assert "take at least 1 of either" in app.error[0].value
    assert button(app).disabled


def test_a_second_training_waits_for_the_first(play, monkeypatch):
    app = play()
    written(epochs(report(1, 0.1)), name="theirs")
    monkeypatch.setattr(jobs.locks, "is_held", lambda path: True)
    button(app).click().run()  # the page was drawn before the other began
    assert "Your training was not started: 'theirs' is being trained" in words(app)
    assert "theirs is being trained" in words(app)
    assert button(app).disabled
    assert button(app, "Cancel it anyway")


def test_a_run_going_on_is_drawn_epoch_by_epoch_with_what_is_found(play, cinema_split, monkeypatch):
    job = written(epochs(report(1, 0.1), report(2, 0.2)), NAME, QUICK)
    fit(cinema_split, QUICK, on_snapshot=job.keep_filters)
    monkeypatch.setattr(jobs.locks, "is_held", lambda path: True)
    app = play()
    shown = drawn(app)
    assert shown["live"]
    assert shown["epochs"] == [0, 1, 2]
    assert shown["loss"] == [None, 6.0, 3.0]
    assert len(shown["planted"]) == 3
    assert "**Training**" in words(app)
    assert button(app).disabled


def test_what_is_ready_is_played_again_and_leads_to_the_filters(play, cinema_split):
    done = Experiment(NAME, "cinema", QUICK, device="cpu").run()
    job = written([*epochs(report(1, 0.1), report(2, 0.2)), {"event": "finished", "checkpoint": NAME}], NAME, QUICK)
    job.keep_filters({epoch: done.snapshots[epoch] for epoch in (0, 1, 2)})
    app = play()
    assert "**Ready after" in words(app)
    assert "for 20 of 100 viewers" in words(app)
    assert not drawn(app)["live"]
    links = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    assert f"model={NAME}" in links["Look inside it"]
    assert not button(app).disabled


def test_the_next_try_takes_the_place_of_ones_last(play, started):
    app = play()
    button(app).click().run()
    app.number_input(key="play L").set_value(4).run()
    button(app).click().run()
    assert [(wanted.name, wanted.overwrite) for wanted in started] == [(NAME, False), (NAME, True)]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"event": "cancelled"}, "Stopped after 1 epoch. No checkpoint was saved."),
        ({"event": "failed", "message": "the loss became nan; train with a lower lr"}, "The loss became nan"),
        ({"event": "finished", "checkpoint": NAME}, "was since deleted or renamed"),
    ],
)
def test_every_other_end_is_said(play, end, said):
    written([*epochs(report(1, 0.1)), end], NAME, QUICK)
    app = play()
    assert said in words(app)
    assert not button(app).disabled


def test_a_damaged_record_is_said(play):
    job = written([{"event": "cancelled"}], NAME, QUICK)
    (job.folder / "spec.json").write_text("{")
    (job.folder / jobs.FILTERS).write_bytes(b"nothing of ours")
    assert "Stopped after 0 epochs" in words(play())


def test_in_public_it_is_bounded_like_any_training(play, monkeypatch):
    monkeypatch.setenv("CASER_PUBLIC", "1")
    assert not [one for one in play().button if one.label == "Train"]
    monkeypatch.setenv("CASER_PUBLIC_BUDGET", "1e6")
    app = play()
    button(app).click().run()
    assert "this public server allows 1.0e+06" in words(app)


def test_settings_are_those_of_the_configuration():
    fields = {field.name for field in dataclasses.fields(playground.START.model)}
    assert fields >= set(playground.LIMITS)
    for name, (low, high) in playground.LIMITS.items():
        for value in (max(low, 1), high):
            playground.settings({"L": 5, "n_h": 4, "n_v": 2} | {name: value}, "softmax")


def test_the_forming_of_a_trained_model_is_replayed_on_the_filters_page(open_page):
    app = open_page("filters", view="Are they real?")
    app.toggle(key="watch forming").set_value(True).run()
    assert not app.exception
    shown, trained = drawn(app), checkpoint.load("cinema-caser")
    assert shown["epochs"] == sorted(trained.snapshots)
    assert not shown["live"]
    assert shown["loss"][1:] == [report["loss"] for report in trained.metadata.history]
    assert len(shown["planted"]) == 3
