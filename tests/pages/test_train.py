"""The Train train, as a visitor reads it: the form, a run going on, and every way a run ends."""

import dataclasses
import json
import os
import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from caser import checkpoint, jobs
from caser.config import TrainingConfig, preset
from caser.dashboard import names
from caser.dashboard.train import estimate as training_estimate
from caser.dashboard.train import form as training_form
from caser.evaluation import METRICS
from caser.experiment import Experiment
from caser.models.caser import CaserConfig
from caser.training.loop import Cancelled
from caser.training.reports import EpochReport

APP = Path(__file__).parents[2] / "pages" / "main.py"
TINY = preset("caser").replace(d=2, n_h=1, n_v=1, epochs=2, refit=False)


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch, offline):
    monkeypatch.setenv("CASER_JOBS_DIR", str(tmp_path / "jobs"))
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setattr(training_estimate, "_measured", lambda *_: 2.0)


@pytest.fixture
def train():
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["data"] = "cinema"
    app.query_params["how"] = "Every setting"
    app.switch_page("train.py")
    return app


def field(app, label):
    """The number input of that label."""
    return next(widget for widget in app.number_input if widget.label == label)


def start_button(app):
    return next(button for button in app.button if button.label == "Start training")


def words(app):
    """Everything in running text."""
    kinds = (app.markdown, app.caption, app.info, app.error, app.warning, app.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def report(epoch, ndcg, phase="select"):
    validation = {"hr@10": 0.2, "hr@50": 0.5, "ndcg@10": ndcg, "auc": 0.9} if phase == "select" else {}
    return EpochReport(phase, epoch, 40, 6.0 / epoch, validation, 12345.0, 60.0)


def written(events, name="earlier", config=TINY, begun=None):
    """A job's folder as its child would have left it, ended a moment ago unless `begun` says otherwise."""
    job = jobs.Job(jobs.folder() / f"20200101-000000000000-{name}")
    job.folder.mkdir(parents=True)
    spec = {"name": name, "dataset": "cinema", "config": config.to_dict(), "seed": 0, "device": "cpu"}
    (job.folder / "spec.json").write_text(json.dumps(spec))
    (job.folder / "log.txt").write_text("the last words")
    lines = [{"event": "launched", "pid": os.getpid()}, *events]
    text = "".join(json.dumps({"at": begun or time.time()} | line) + "\n" for line in lines)
    (job.folder / "events.jsonl").write_text(text)
    return job


def epochs(*reports):
    return [{"event": "started"}, *({"event": "epoch", "report": dataclasses.asdict(r)} for r in reports)]


def test_the_defaults_and_bounds_are_those_of_the_configuration(train):
    train.run()
    assert not train.exception
    tuned = preset("caser")
    for half, kind in ((tuned.model, CaserConfig), (tuned.training, TrainingConfig)):
        for f in dataclasses.fields(kind):
            label = training_form.LABELS.get(f.name, f.name.replace("_", " ").capitalize())
            widget = next(w for w in (*train.number_input, *train.toggle, *train.selectbox) if w.label == label)
            assert widget.value == getattr(half, f.name), f.name
            if "low" in f.metadata:
                assert (widget.min, widget.max) == (f.metadata["low"], f.metadata["high"]), f.name
            assert f.metadata["help"][1:] in widget.help, f.name
    assert train.text_input[0].value == "cinema-caser-1"
    assert "about **20 s** for 5 epochs and as many for the refit" in words(train)
    assert not start_button(train).disabled


def test_presets_fill_the_form_and_changes_are_listed_and_undone(train):
    train.run()
    next(one for one in train.segmented_control if one.label == "Start from the preset").set_value("paper").run()
    assert field(train, "Dimensions (d)").value == 50
    field(train, "Dimensions (d)").set_value(8).run()
    assert "Changed from paper: d 50 → 8" in words(train)
    next(b for b in train.button if b.label == "Back to the preset").click().run()
    assert field(train, "Dimensions (d)").value == 50
    next(one for one in train.segmented_control if one.label == "Model").set_value("mf").run()
    assert not train.exception
    assert not [w for w in train.number_input if w.label == "Window (L)"]
    assert train.text_input[0].value == "cinema-mf-1"


def test_settings_survive_a_visit_to_another_page(train):
    train.run()
    field(train, "Dimensions (d)").set_value(9).run()
    train.switch_page("data.py").run()
    train.switch_page("train.py").run()
    assert field(train, "Dimensions (d)").value == 9


def test_a_combination_that_cannot_be_trained_is_named_before_the_start(train):
    train.run()
    next(box for box in train.selectbox if box.label == "Loss").set_value("bpr").run()
    assert "Negatives is 0; the loss 'bpr' needs at least 1." in words(train)
    assert start_button(train).disabled
    field(train, "Negatives for each target").set_value(1).run()
    assert not train.error
    assert not start_button(train).disabled


@pytest.mark.parametrize(("name", "notice"), [("a/b", "'a/b' cannot name a checkpoint"), ("", "cannot name")])
def test_a_name_that_will_not_do_is_refused(train, name, notice):
    train.run()
    train.text_input[0].set_value(name).run()
    assert notice in words(train)
    assert start_button(train).disabled


def test_start_watch_reload_and_cancel(train):
    train.run()
    for label, value in (("Dimensions (d)", 2), ("Batch size", 64), ("Epochs at the most", 1000), ("Patience", 0)):
        field(train, label).set_value(value)
    train.run()
    start_button(train).click().run()
    job = jobs.current()
    try:
        assert f"Training cinema-caser-1: Caser on {names.dataset('cinema')}" in words(train)
        reloaded = AppTest.from_file(str(APP), default_timeout=60)
        reloaded.query_params["how"] = "Every setting"
        reloaded.switch_page("train.py").run()
        assert "Training cinema-caser-1" in words(reloaded)
        assert any(button.label == "Cancel" for button in train.run().button)  # its own window does not ask
        next(b for b in reloaded.button if b.label == "Cancel it anyway").click().run()
        assert job.state().stopping
    finally:
        job.cancel()
    deadline = time.monotonic() + 60
    while job.state().active and time.monotonic() < deadline:
        time.sleep(0.1)
    train.run()
    assert not train.exception
    assert "cinema-caser-1 was cancelled" in words(train)
    assert "No checkpoint was saved" in words(train)
    assert not start_button(train).disabled


def test_a_run_going_on_shows_numbers_curves_and_advice(train, monkeypatch):
    job = written(epochs(*(report(i, ndcg) for i, ndcg in enumerate((0.1, 0.3, 0.2, 0.2, 0.2), 1))))
    monkeypatch.setattr(jobs.locks, "is_held", lambda path: True)
    train.run()
    assert not train.exception
    assert job.state().active
    assert [tile.value for tile in train.metric] == ["1.20", "0.200", "0.500", "0.300", "0.900", "12,345"]
    assert "Validation NDCG@10 peaked at 0.300 after epoch 2 of 5" in words(train)
    assert "has not improved for 3 epochs; training stops after 5" in words(train)
    assert not [b for b in train.button if b.label == "Start training"]
    assert [b for b in train.button if b.label == "Train after earlier"]


def test_a_finished_run_shows_its_test_metrics_and_leads_on(train, table_frames):
    done = Experiment("mine", "cinema", TINY, device="cpu").run()
    reports = [EpochReport(**r) for r in done.metadata.history]
    written([*epochs(*reports), {"event": "finished", "checkpoint": "mine"}], "mine")
    train.run()
    assert not train.exception
    assert "mine is ready" in words(train)
    shown = " ".join(frame.to_string() for frame in table_frames(train))
    assert METRICS["hr@50"].said(done.ranks.means()["hr@50"]) in shown
    assert "Popularity" in shown
    links = [link.proto for link in train.get("page_link") if "with it" in link.proto.label]
    assert "model=mine" in links[0].query_string
    next(b for b in train.button if b.help == "Close this training").click().run()
    assert "mine is ready" not in words(train)


def test_a_checkpoint_deleted_since_is_a_notice(train):
    written([*epochs(report(1, 0.1)), {"event": "finished", "checkpoint": "gone"}], "gone")
    train.run()
    assert not train.exception
    assert "Its checkpoint gone was since deleted or renamed" in words(train)


@pytest.mark.parametrize(
    ("end", "headline", "remedy"),
    [
        ([{"event": "failed", "message": "the loss became nan; train with a lower lr"}], "failed", "lower lr"),
        ([], "was stopped from outside", "memory"),
    ],
)
def test_a_run_that_broke_off_says_why_and_shows_its_log(train, end, headline, remedy):
    written([*epochs(report(1, 0.1)), *end])
    train.run()
    assert not train.exception
    assert f"earlier {headline}" in words(train)
    assert remedy in train.error[0].value
    assert train.code[0].value == "the last words"
    assert not start_button(train).disabled


def test_a_run_of_yesterday_is_only_listed(train, table_frames):
    written([{"event": "cancelled", "at": time.time() - 86000}], begun=time.time() - 86400)
    train.run()
    assert "was cancelled" not in words(train)
    assert "earlier" in table_frames(train)[0].to_string()


def test_a_folder_that_cannot_be_written_to_is_a_notice(train, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CASER_JOBS_DIR", str(tmp_path / "file" / "jobs"))
    train.run()
    start_button(train).click().run()
    assert not train.exception
    assert "Your training was not started" in words(train)
    assert "set CASER_JOBS_DIR to a folder you can write to" in words(train)


def test_whoever_presses_start_second_is_told_and_may_queue(train, monkeypatch):
    """The page was drawn before the other run began."""
    train.run()
    begun = written(epochs(report(1, 0.1)), name="theirs")
    monkeypatch.setattr(jobs.locks, "is_held", lambda path: True)
    start_button(train).click().run()
    assert "Your training was not started: 'theirs' is being trained" in words(train)
    queued = []
    monkeypatch.setattr(jobs, "start", lambda wanted, queue: queued.append((wanted.name, queue)))
    next(b for b in train.button if b.label == "Train after theirs").click().run()
    assert queued == [("cinema-caser-1", True)]
    assert begun.state().active


def test_checkpoints_trained_here_are_renamed_and_deleted_and_shipped_ones_never_offered(train):
    for name in ("mine", "cinema-mf"):
        Experiment(name, "cinema", TINY, device="cpu").run()
    app = train.run()
    assert [button.label for button in app.button].count("Rename") == 1
    app.text_input(key="rename mine").set_value("better")
    app.button(key="do rename mine").click().run()
    assert not app.exception
    assert set(checkpoint.names()) == {"better", "cinema-mf"}
    app.text_input(key="rename better").set_value("not a name/")
    app.button(key="do rename better").click().run()
    assert "cannot name a checkpoint" in words(app)
    app.button(key="delete better").click().run()
    assert checkpoint.names() == ["cinema-mf"]


def test_how_far_an_epoch_is_is_told_and_not_believed_after_it(tmp_path, monkeypatch):
    job = written([{"event": "started"}])
    tell = job.tell_share(every=0.0)
    tell("training", 0.25)
    monkeypatch.setattr(jobs.locks, "is_held", lambda path: True)
    assert (job.state().doing, job.state().share) == ("training", 0.25)
    for nonsense in ("nonsense", "0.5", "0.5 <b>cooking</b>", "7 training", "nan training"):
        (job.folder / jobs.SHARE).write_text(nonsense)
        assert (job.state().doing, job.state().share) == ("", 0.0)


@pytest.fixture
def half():
    """An experiment that was stopped after its third epoch, and the reports of those."""
    config = TINY.replace(epochs=5, patience=0)
    wanted, seen = Experiment("half", "cinema", config, device="cpu", keep_state=True), []
    with pytest.raises(Cancelled):
        wanted.run(on_epoch=seen.append, should_stop=lambda: len(seen) >= 3)
    return wanted, seen


def resume_button(app):
    return next((button for button in app.button if (button.key or "").startswith("resume")), None)


def test_an_interrupted_run_offers_to_go_on(train, half):
    wanted, seen = half
    written([*epochs(*seen), {"event": "cancelled"}], name="half", config=wanted.config)
    app = train.run()
    assert not app.exception
    assert "Stopped after 3 epochs. No checkpoint was saved" in words(app)
    assert resume_button(app)
    wanted.state_path.unlink()
    assert not resume_button(app.run())


def test_the_state_of_an_earlier_run_of_that_name_is_not_offered(train, half):
    written([{"event": "started"}, {"event": "cancelled"}], name="half")
    assert not resume_button(train.run())
    assert "Stopped before the first epoch ended" in words(train)


def test_a_resumed_run_is_shown_from_its_first_epoch(train, half, monkeypatch):
    wanted, seen = half
    written([*epochs(*seen), {"event": "cancelled"}], name="half", config=wanted.config)
    monkeypatch.setattr(jobs, "_launch", lambda job: job.report("launched", pid=os.getpid()))
    resume_button(train.run()).click().run()
    jobs._train(jobs.current())
    train.run()
    assert not train.exception
    assert "half is ready" in words(train)
    assert re.search(r"The loss fell from \S+ to \S+ in 5 epochs", words(train))
    assert [report.epoch for report in jobs.current().state().reports] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("spec", ["{", '{"config": {}}'])
@pytest.mark.parametrize("end", ["cancelled", "finished"])
def test_a_run_whose_description_is_damaged_is_shown_without_its_settings(train, end, spec):
    job = written([*epochs(report(1, 0.1)), {"event": end, "checkpoint": "earlier"}])
    (job.folder / "spec.json").write_text(spec)
    train.run()
    assert not train.exception
    assert "The settings of this training cannot be read" in words(train)
    assert start_button(train)


@pytest.mark.parametrize("kept", [(4,), (2, 4), ("refit",)])
@pytest.mark.parametrize("alive", [True, False])
def test_a_record_that_lacks_epochs_is_shown_without_them(train, monkeypatch, kept, alive):
    lacking = [report(1, 0.1, "refit") if epoch == "refit" else report(epoch, epoch / 10) for epoch in kept]
    written([*epochs(*lacking), *([] if alive else [{"event": "finished", "checkpoint": "mine"}])], name="mine")
    Experiment("mine", "cinema", TINY, device="cpu").run()
    monkeypatch.setattr(jobs.locks, "is_held", lambda path: alive)
    train.run()
    assert not train.exception
    assert ("0.400" in [tile.value for tile in train.metric]) == (kept != ("refit",))
    assert "1 epoch " not in words(train)
