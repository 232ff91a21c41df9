"""Training in a process of its own: what a watcher sees, from start to every kind of end."""

import dataclasses
import json
import os
import signal
import sys
import threading
import time

import pytest
import torch

from caser import checkpoint, config, jobs
from caser.experiment import Experiment
from caser.training.reports import LIVE_METRICS, EpochReport

TINY = config.preset("mf").replace(d=2, epochs=2)
ENDLESS = TINY.replace(epochs=1000, patience=0, batch_size=64)
PATIENCE = 60  # seconds; a busy machine imports torch slowly


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_JOBS_DIR", str(tmp_path / "jobs"))
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "checkpoints"))
    return tmp_path


def wait(job, until=lambda state: not state.active):
    """The first state of a job that is as wanted."""
    deadline = time.monotonic() + PATIENCE
    while not until(state := job.state()):
        assert time.monotonic() < deadline, state
        time.sleep(0.05)
    return state


def written(name="written", events=(), spec=None):
    """A job's folder as its child would have left it."""
    job = jobs.Job(jobs.folder() / f"20200101-000000000000-{name}")
    job.folder.mkdir(parents=True)
    for event in events:
        job.report(**event)
    if spec is not None:
        (job.folder / "spec.json").write_text(spec)
    return job


def spec_of(name="written", dataset="cinema", device="cpu"):
    return json.dumps({"name": name, "dataset": dataset, "config": TINY.to_dict(), "device": device})


def epoch(number):
    report = EpochReport("select", number, 9, 0.5, dict.fromkeys(LIVE_METRICS, 0.1), 1000.0, 3.0)
    return {"event": "epoch", "report": vars(report)}


LAUNCHED = {"event": "launched", "pid": os.getpid()}


def test_a_job_runs_from_start_to_checkpoint_and_is_found_again():
    job = jobs.start(Experiment("first", "cinema", TINY, seed=3))
    assert job.state().status in ("starting", "running")
    assert job.name == "first"
    assert job.spec()["config"] == TINY
    with pytest.raises(ValueError, match="'first' is being trained"):
        jobs.start(Experiment("second", "cinema", TINY))

    state = wait(job)
    assert (state.status, state.checkpoint, state.message) == ("finished", "first", "")
    assert [(r.phase, r.epoch) for r in state.reports] == [("select", 1), ("select", 2), ("refit", 1), ("refit", 2)]
    assert 0 < state.elapsed < PATIENCE
    assert job.state() == state  # time stands still once it has ended

    assert jobs.current() == job  # known by its folder alone
    metadata = checkpoint.describe("first")
    assert (metadata.seed, metadata.config) == (3, TINY)


def test_a_queued_job_waits_its_turn_and_then_trains():
    first = jobs.start(Experiment("first", "cinema", ENDLESS))
    second = jobs.start(Experiment("second", "cinema", TINY), queue=True)
    third = jobs.start(Experiment("third", "cinema", TINY), queue=True)
    with pytest.raises(ValueError, match="'second' is being trained or waits its turn"):
        jobs.start(Experiment("second", "cinema", TINY), queue=True)
    wait(second, lambda state: state.status == "waiting")
    assert jobs.active() == [first, second, third]
    assert jobs.current() == first
    third.cancel()
    assert wait(third).status == "cancelled"
    assert second.state().status == "waiting"
    first.cancel()
    assert wait(second).status == "finished"


def test_of_two_starts_at_once_one_wins_and_can_be_cancelled():
    outcomes = []

    def press(name):
        try:
            outcomes.append(jobs.start(Experiment(name, "cinema", ENDLESS)))
        except ValueError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=press, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (job,) = [outcome for outcome in outcomes if isinstance(outcome, jobs.Job)]
    assert f"'{job.name}' is being trained" in next(o for o in outcomes if isinstance(o, str))
    assert jobs.recent() == [job]

    wait(job, lambda state: state.reports)
    job.cancel()
    assert job.state().stopping
    assert wait(job).status == "cancelled"
    assert checkpoint.names() == []


def test_a_resumed_job_records_the_epochs_before_it():
    wanted = Experiment("half", "cinema", ENDLESS, keep_state=True)
    stopped = jobs.start(wanted)
    wait(stopped, lambda state: len(state.reports) >= 2)
    stopped.cancel()
    before = wait(stopped).reports
    resumed = jobs.start(dataclasses.replace(wanted, resume=True))
    wait(resumed, lambda state: len(state.reports) > len(before))
    resumed.cancel()
    after = wait(resumed).reports
    assert after[: len(before)] == before
    assert [report.epoch for report in after] == list(range(1, len(after) + 1))


def test_a_killed_child_has_died_and_leaves_no_zombie():
    job = jobs.start(Experiment("killed", "cinema", ENDLESS))
    pid = job.state().pid
    assert pid > 0  # 0 would be this whole group of processes
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    state = wait(job)
    assert state.status == "died"
    assert "memory" in state.message
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.02)
    pytest.fail("the child is still there")


def test_a_living_process_of_the_same_id_is_not_taken_for_the_child():
    job = written(events=[LAUNCHED, {"event": "started"}, epoch(1)])
    state = job.state()
    assert (state.status, state.pid, len(state.reports)) == ("died", os.getpid(), 1)


def test_a_line_half_written_is_left_for_later():
    job = written(events=[LAUNCHED, epoch(1)])
    with (job.folder / "events.jsonl").open("a") as file:
        file.write('{"event": "epo')
    assert len(job.state().reports) == 1


def test_nothing_counts_after_the_end():
    job = written(events=[LAUNCHED, {"event": "finished", "checkpoint": "x"}, {"event": "cancelled"}])
    assert job.state().status == "finished"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (None, "does not describe a training run"),
        ("{", "does not describe a training run"),
        ("[]", "does not describe a training run"),
        (spec_of()[:-1] + ', "later": 1}', "missing or unknown: later"),
        (json.dumps({"config": TINY.to_dict()}), "missing or unknown: name, dataset"),
        (spec_of(dataset="ml-9"), "unknown data set 'ml-9'"),
        (spec_of(device="abacus"), "unknown device 'abacus'"),
        (spec_of(name="../x"), "cannot name a checkpoint"),
    ],
)
def test_what_cannot_be_trained_fails_and_says_why(spec, message):
    job = written(events=[LAUNCHED], spec=spec)
    jobs._train(job)
    state = job.state()
    assert state.status == "failed"
    assert message in state.message


def test_a_name_taken_since_the_start_fails(folders):
    (folders / "checkpoints").mkdir()
    (folders / "checkpoints" / "written.safetensors").touch()
    job = written(events=[LAUNCHED], spec=spec_of())
    jobs._train(job)
    assert "there is a checkpoint 'written' already" in job.state().message


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "smaller batch_size"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "smaller batch_size"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_a_crash_is_put_in_words(monkeypatch, error, message):
    def run(*_, **__):
        raise error

    monkeypatch.setattr(Experiment, "run", run)
    job = written(events=[LAUNCHED], spec=spec_of())
    (job.folder / "log.txt").write_text("x" * 9000 + "the end")
    jobs._train(job)
    state = job.state()
    assert state.status == "failed"
    assert message in state.message
    assert state.log.endswith("the end")
    assert len(state.log) == jobs.LOG_TAIL


def test_a_child_deaf_to_the_flag_ends_itself(monkeypatch):
    codes = []
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(jobs, "GRACE_SECONDS", 0)
    job = written(events=[LAUNCHED])
    job.cancel()
    jobs._end_if_deaf(job)
    assert codes == [1]
    assert job.state().status == "cancelled"


def test_a_folder_that_cannot_be_written_to_is_named_with_the_remedy(folders, monkeypatch):
    (folders / "file").touch()
    monkeypatch.setenv("CASER_JOBS_DIR", str(folders / "file" / "jobs"))
    assert jobs.current() is None
    with pytest.raises(ValueError, match="set CASER_JOBS_DIR"):
        jobs.start(Experiment("x", "cinema", TINY))


def test_a_child_that_does_not_come_up_is_an_error_with_what_it_said(monkeypatch):
    monkeypatch.setattr(jobs, "_environment", dict)
    monkeypatch.setattr(sys, "executable", "/bin/sh")
    with pytest.raises(ValueError, match=r"could not be started; it said: .*cannot open"):
        jobs.start(Experiment("x", "cinema", TINY))
    assert jobs.current() is None


def test_only_the_newest_are_kept():
    for i in range(jobs.KEPT + 3):
        folder = jobs.folder() / f"20200101-{i:06}-x"
        folder.mkdir(parents=True)
        (folder / "spec.json").touch()
        (folder / "events.jsonl").touch()
    jobs._forget_old(jobs.folder())
    assert len(jobs.recent()) == jobs.KEPT
    assert jobs.current().folder.name == f"20200101-{jobs.KEPT + 2:06}-x"


def test_the_child_finds_the_package_and_shares_the_cores_unless_told_otherwise(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "mine")
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    environment = jobs._environment()
    assert environment["PYTHONPATH"].split(os.pathsep)[1:] == ["mine"]
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert jobs._environment()["OMP_WAIT_POLICY"] == "ACTIVE"


ODD_LINES = [
    '{"event": "launched", "at": "noon"}',
    '{"event": "launched", "at": NaN}',
    '{"event": "launched", "at": 1e300}',
    '{"event": ["launched"], "at": 1}',
    '{"event": "epoch", "at": 1, "report": {"phase": "select"}}',
    '{"event": "epoch", "at": 1, "report": {"phase": "select", "of_a_later_version": 1}}',
    json.dumps(epoch(1) | {"at": 1}).replace("0.5", "Infinity"),
    json.dumps(epoch(3) | {"at": 1}).replace('"epochs": 9', '"epochs": 2'),
    json.dumps(epoch(1) | {"at": 1, "report": epoch(1)["report"] | {"validation": 0.5}}),
    json.dumps(epoch(1) | {"at": 1, "report": epoch(1)["report"] | {"validation": {}}}),
    "[1, 2]",
    "[" * 100_000,
    "\xff\xfe not a line",
]


@pytest.mark.parametrize("line", ODD_LINES, ids=range(len(ODD_LINES)))
def test_a_line_that_cannot_be_is_left_out_and_nothing_else(line):
    job = written(events=[LAUNCHED, epoch(1)], spec=spec_of())
    with (job.folder / "events.jsonl").open("ab") as file:
        file.write(line.encode("latin-1") + b"\n")
    job.report(**epoch(2))
    assert [report.epoch for report in job.state().reports] == [1, 2]


@pytest.mark.parametrize(("events", "spec"), [("\0\0\0", None), ("nothing\n", None), (None, "{"), (None, "[]")])
def test_a_run_that_cannot_be_read_says_so_and_can_be_removed(events, spec):
    job = written(events=[LAUNCHED], spec=spec or spec_of())
    if events:
        (job.folder / "events.jsonl").write_text(events)
    assert job.state().status == jobs.UNREADABLE
    assert jobs.recent() == [job]
    job.remove()
    assert jobs.recent() == []


def test_what_is_locked_is_never_removed():
    job = written(events=[LAUNCHED], spec=spec_of())
    with (job.folder / "lock").open("ab") as lock:
        jobs.locks.lock(lock)
        with pytest.raises(ValueError, match="cancel it first"):
            job.remove()
        assert job.state().active
    assert not job.state().active


def test_many_askers_at_once_do_not_take_each_other_for_the_child():
    job = written(events=[LAUNCHED], spec=spec_of())
    (job.folder / "lock").touch()
    seen = []
    askers = [threading.Thread(target=lambda: seen.extend(job.state().active for _ in range(50))) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(seen) == 400
    assert not any(seen)


def test_a_clock_set_back_changes_no_turn():
    ahead = jobs.folder() / "20990101-000000000000-ahead"
    ahead.mkdir(parents=True)
    first = jobs._stamp(jobs.folder())
    (jobs.folder() / f"{first}-x").mkdir()
    assert "20990101-000000000000" < first < jobs._stamp(jobs.folder())
    assert jobs.Job(jobs.folder() / f"{first}-a-name").name == "a-name"


def test_a_full_disk_while_reporting_does_not_end_the_training(monkeypatch, capsys):
    job = written(events=[LAUNCHED], spec=spec_of())
    monkeypatch.setattr("pathlib.Path.open", raising(OSError(28, "No space left on device")))
    job.report("epoch", report={})
    assert "No space left" in capsys.readouterr().err


def raising(error):
    def fail(*_, **__):
        raise error

    return fail


def snapshots(epochs, size=4):
    """The filters of some epochs, each with its number in every cell."""
    return {epoch: {"horizontal.1": torch.full((3, 1, 2, size), float(epoch)).half()} for epoch in range(epochs + 1)}


def test_the_filters_of_a_small_run_can_be_watched_epoch_by_epoch(tmp_path):
    job = jobs.Job(tmp_path)
    assert job.filters() == {}
    for newest in range(12):
        job.keep_filters(snapshots(newest))
    assert list(job.filters()) == list(range(12))  # in order, though "10" sorts before "2"
    assert (job.filters()[10]["horizontal.1"] == 10).all()
    (tmp_path / jobs.FILTERS).write_bytes(b"not what it was")
    assert job.filters() == {}
    job.keep_filters({0: {}})  # a model without any
    assert job.filters() == {}


def test_of_many_epochs_some_are_kept_the_first_and_the_newest_among_them(tmp_path):
    job = jobs.Job(tmp_path)
    job.keep_filters(snapshots(500))
    kept = list(job.filters())
    assert (kept[0], kept[-1]) == (0, 500)
    assert len(kept) <= jobs.MOST_EPOCHS


def test_filters_too_many_to_watch_are_not_kept(tmp_path):
    job = jobs.Job(tmp_path)
    job.keep_filters(snapshots(1, jobs.MOST_WATCHED // 6))
    assert job.filters() == {}
    job.keep_filters(snapshots(9, jobs.MOST_WATCHED // 24))
    assert (min(job.filters()), max(job.filters())) == (0, 9)
    assert len(job.filters()) <= 4
