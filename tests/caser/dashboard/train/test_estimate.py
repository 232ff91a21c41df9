"""Where an estimate comes from, and that a measured one is of the right size."""

import dataclasses
import json
import time

import pytest

from caser import jobs
from caser.config import preset
from caser.dashboard.train import estimate as training_estimate
from caser.data import load
from caser.data.dataset import split
from caser.experiment import Experiment
from caser.training.loop import fit
from caser.training.reports import LIVE_METRICS, EpochReport

TINY = preset("mf").replace(d=4, epochs=3, patience=0, refit=False)


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_JOBS_DIR", str(tmp_path / "jobs"))
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))


def past(config, seconds_left):
    """A run that had two of three epochs to go."""
    job = jobs.Job(jobs.folder() / "20200101-000000000000-past")
    job.folder.mkdir(parents=True)
    spec = {"name": "past", "dataset": "cinema", "config": config.to_dict(), "device": "cpu"}
    (job.folder / "spec.json").write_text(json.dumps(spec))
    job.report("launched", pid=1)
    report = EpochReport("select", 1, 3, 1.0, dict.fromkeys(LIVE_METRICS, 0.1), 1.0, seconds_left)
    job.report("epoch", report=dataclasses.asdict(report))


def test_a_run_of_the_same_size_tells_the_time(monkeypatch):
    monkeypatch.setattr(training_estimate, "_measured", lambda *_: 99.0)
    past(TINY, seconds_left=8.0)
    wanted = Experiment("x", "cinema", TINY.replace(lr=0.5, epochs=30), device="cpu")
    found = training_estimate.estimate(wanted)
    assert found.seconds == 4.0
    assert "from the training past" in found.source
    other = Experiment("x", "cinema", TINY.replace(d=5), device="cpu")
    assert training_estimate.estimate(other).seconds == 99.0


def test_a_measured_epoch_is_about_as_long_as_a_real_one():
    found = training_estimate._measured("cinema", "first", TINY, "cpu", 0.1)
    begun = time.perf_counter()
    fit(split(load("cinema")), TINY)
    real = (time.perf_counter() - begun) / TINY.training.epochs
    assert real / 30 < found < real * 30  # the machine may be busy with something else in between


def test_the_text_says_what_the_estimate_rests_on():
    found = training_estimate.Estimate(2.0, "from the training past")
    text = training_estimate.estimate_text(found, TINY)
    assert text == "Estimate: about **6.0 s** for 3 epochs, 2.0 s each, from the training past."
    text = training_estimate.estimate_text(found, TINY.replace(refit=True, patience=2))
    assert "at most about **12 s** for 3 epochs and as many for the refit" in text
    assert "Early stopping usually ends it sooner" in text


def test_what_is_too_large_is_told_from_its_sizes_and_never_run(monkeypatch):
    monkeypatch.setattr(training_estimate, "_measured", lambda *_: pytest.fail("it was run"))
    huge = preset("caser").replace(d=1024, L=20, n_h=256, n_v=64, batch_size=1 << 20)
    found = training_estimate.estimate(Experiment("x", "cinema", huge, device="cpu"))
    text = training_estimate.estimate_text(found, huge)
    assert "No estimate, since one step is large" in text
    assert "GiB" in text


def test_the_expected_time_stands_beside_the_worst_case():
    config = preset("mf").replace(epochs=40, patience=5, refit=True)
    said = training_estimate.estimate_text(training_estimate.Estimate(2.0, "measured"), config, (10, "cinema-mf"))
    assert "at most about **2 min 40 s**" in said
    assert "With the 10 epochs that cinema-mf needed, it takes about **50 s**" in said
    config = config.replace(patience=0)
    said = training_estimate.estimate_text(training_estimate.Estimate(2.0, "measured"), config, (10, "cinema-mf"))
    assert "cinema-mf" not in said


@pytest.mark.parametrize("kind", ["popularity", "covisit", "ease"])
def test_what_has_no_steps_is_not_timed_in_steps(kind):
    config = preset(kind)
    found = training_estimate.estimate(Experiment("x", "cinema", config, device="cpu"))
    assert "in one pass" in training_estimate.estimate_text(found, config)


def test_a_pool_is_said_and_the_whole_catalogue_goes_without_saying():
    whole = Experiment("x", "cinema", preset("caser"), device="cpu")
    assert training_estimate.weighed(whole) == ""
    drawn = Experiment("x", "cinema", preset("caser").replace(pool=100), device="cpu")
    assert "Every step weighs 100 of 265 films, drawn anew" in training_estimate.weighed(drawn)
