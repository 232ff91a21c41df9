"""What a machine can do to the program: a full disk, a folder that cannot be written to, a clock that is wrong, a
server that goes away, many who press the same button. Nothing is lost, and what went wrong is said.
"""

import dataclasses
import datetime
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from caser import checkpoint, data, findings, interpreter, jobs
from caser.checkpoint import CheckpointError
from caser.config import preset
from caser.data import archive, parsed
from caser.data.archive import DataError
from caser.experiment import Experiment
from tests.caser.test_jobs import wait

TINY = preset("mf").replace(d=2, epochs=2, patience=0, refit=False)
ENDLESS = TINY.replace(epochs=1000, batch_size=64)
FOLDERS = ("CASER_CHECKPOINT_DIR", "CASER_JOBS_DIR", "CASER_DATA_DIR")


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    for name in FOLDERS:
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


@contextmanager
def full_disk():
    """No file of this process can have more than 1,000 bytes: writing stops in the midst, as on a full disk.

    It holds for a test alone and no fixture: pytest's own report may go to a file, which is written after the test.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def trained(checkpoints):
    return checkpoint.load("cinema-caser")


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def mine(name="mine", config=TINY):
    return Experiment(name, "cinema", config, device="cpu")


# ---- a full disk


@full_disk()
def test_a_full_disk_of_checkpoints_keeps_the_old_one_and_says_so(folders, trained, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folders / "own"))
    with pytest.raises(CheckpointError, match=r"cannot write checkpoints to .*own .*set CASER_CHECKPOINT_DIR"):
        checkpoint.save(trained)
    assert files_in(folders) == []


def test_what_was_trained_on_a_disk_that_filled_up_is_saved_on_another(folders, trained, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folders / "full"))
    save = checkpoint.save

    def full(one, into=None):
        if into is None:
            raise checkpoint.unwritable(checkpoint.folder(), OSError(28, "No space left on device"))
        return save(one, into)

    monkeypatch.setattr(checkpoint, "save", full)
    with pytest.raises(CheckpointError, match=r"No space left .* What was trained is not lost: it is in ") as told:
        checkpoint.save_somewhere(trained)
    assert checkpoint.load(str(told.value).rpartition(" in ")[2]).metadata.name == trained.name


def test_findings_that_do_not_fit_cost_a_line_and_not_the_run(folders, trained, monkeypatch, capsys):
    def full(*_):
        raise checkpoint.unwritable(checkpoint.folder(), OSError(28, "No space left on device"))

    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folders / "own"))
    monkeypatch.setattr(findings, "find", lambda *_: None)
    monkeypatch.setattr(findings, "save", full)
    Experiment("kept", "cinema", trained.metadata.config.replace(epochs=1), device="cpu").run()
    assert checkpoint.load("kept").metadata.epochs == 1
    assert "No space left" in capsys.readouterr().err


@full_disk()
def test_a_full_disk_of_jobs_is_named_before_anything_starts(folders, monkeypatch):
    monkeypatch.setattr(Path, "write_text", _no_room)
    with pytest.raises(ValueError, match=r"cannot keep training runs in .*No space left.*set CASER_JOBS_DIR"):
        jobs.start(mine())
    assert jobs.active() == []


def _no_room(*_, **__):
    raise OSError(28, "No space left on device")


@full_disk()
def test_a_full_disk_of_data_leaves_nothing_of_a_download(folders, monkeypatch):
    monkeypatch.setattr(archive, "_answer", lambda *_: _Endless())
    with pytest.raises(DataError, match=r"cannot write to .*CASER_DATA_DIR"):
        archive.fetch_archive("http://x.test/tiny.zip", None, ["a"], folders / "data" / "tiny")
    assert files_in(folders) == []


class _Endless:
    headers = {}

    def read1(self, size):
        return bytes(size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@full_disk()
def test_a_full_disk_costs_a_large_set_only_its_binary_form(folders, caplog):
    caplog.set_level(logging.WARNING)
    assert parsed.keep("key", data.load("cinema")) is None
    assert "will be parsed anew every time" in caplog.text
    assert files_in(folders) == []


# ---- a disk that is really full: a small one in memory, where mounting is allowed

TRAIN = "train --dataset cinema --model mf --name mine --epochs 1 --patience 0 --d 256 --no-refit --device cpu"


@pytest.fixture(params=FOLDERS)
def small_disk(request, folders, monkeypatch):
    """The name of a folder's variable, which names a disk of 64 KB."""
    disk = folders / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    monkeypatch.setenv(request.param, str(disk))
    yield request.param
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_fills_up_loses_nothing_that_was_trained(small_disk, folders):
    (folders / "disk" / "filler").write_bytes(bytes(60_000))
    ended = subprocess.run([sys.executable, "-m", "caser", *TRAIN.split()], capture_output=True, text=True, timeout=120)
    assert "Traceback" not in ended.stderr
    if small_disk == "CASER_CHECKPOINT_DIR":
        assert ended.returncode == 2
        assert "make room, or set CASER_CHECKPOINT_DIR" in ended.stderr  # known before anything was trained
        assert [path.name for path in (folders / "disk").iterdir()] == ["filler"]
    else:  # neither the record of runs nor the data's binary form is needed to train cinema here
        assert ended.returncode == 0, ended.stderr
        assert checkpoint.load("mine").metadata.epochs == 1


# ---- folders that cannot be written to


@pytest.fixture(params=["in the way", "read-only", "too long"])
def useless(request, folders):
    """A folder that is a file, may not be written to, or cannot have its name."""
    if request.param == "too long":
        return folders / ("x" * 300)
    path = folders / "useless"
    if request.param == "in the way":
        path.write_text("a file")
        return path
    path.mkdir(mode=0o500)
    if os.access(path, os.W_OK):
        pytest.skip("root may write anywhere")
    return path / "below"


def test_a_useless_folder_of_checkpoints(useless, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(useless))
    assert checkpoint.names() == []
    with pytest.raises(CheckpointError, match="set CASER_CHECKPOINT_DIR to a folder you can write to"):
        mine().run()
    with pytest.raises(CheckpointError, match="no checkpoint 'other'"):
        checkpoint.load("other")


def test_a_useless_folder_of_jobs(useless, monkeypatch):
    monkeypatch.setenv("CASER_JOBS_DIR", str(useless))
    assert (jobs.recent(), jobs.active(), jobs.current()) == ([], [], None)
    with pytest.raises(ValueError, match="set CASER_JOBS_DIR"):
        jobs.start(mine())


def test_a_useless_folder_of_data(useless, monkeypatch):
    monkeypatch.setenv("CASER_DATA_DIR", str(useless))
    assert not data.available("ml-100k")
    with pytest.raises(DataError, match="ml-100k"):
        data.load("ml-100k")
    with pytest.raises(DataError, match=r"set CASER_DATA_DIR|is not a folder"):
        archive.fetch_archive("http://127.0.0.1:9/x.zip", None, ["a"], useless / "ml-100k")


# ---- who goes away, and who comes at once

STARTS_A_RUN = """
import os, signal
from caser import jobs
from caser.config import preset
from caser.experiment import Experiment

config = preset("mf").replace(d=2, epochs=2, patience=0, refit=False)
print(jobs.start(Experiment("mine", "cinema", config, device="cpu")).folder, flush=True)
os.killpg(0, signal.SIGKILL)
"""


def test_a_training_outlives_the_server_that_started_it():
    server = subprocess.run(
        [sys.executable, "-c", STARTS_A_RUN],
        env=interpreter.environment(),
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert server.returncode == -signal.SIGKILL
    (job,) = jobs.recent()
    assert str(job.folder) == server.stdout.strip()
    assert wait(job).status == "finished"
    assert checkpoint.load("mine").metadata.epochs == 2


def test_of_thirty_starts_at_once_one_wins_and_the_others_are_told():
    won, told = [], []

    def start():
        try:
            won.append(jobs.start(mine(config=ENDLESS)))
        except jobs.Busy as busy:
            told.append(str(busy))

    threads = [threading.Thread(target=start) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (job,) = won
    assert len(told) == 29
    assert jobs.recent() == [job]
    job.cancel()
    assert wait(job).status == "cancelled"


# ---- a clock that is wrong

SHIFTS = pytest.mark.parametrize("shift", [-3600, 365 * 86400], ids=["an hour back", "a year ahead"])


@pytest.fixture
def running():
    """A run whose lock is held, as by its process."""
    job = jobs.Job(jobs.folder() / f"{jobs._stamp(jobs.folder())}-mine")
    job.folder.mkdir(parents=True)
    (job.folder / "spec.json").write_text("{}")
    with (job.folder / "lock").open("ab") as lock:
        jobs.locks.lock(lock)
        job.report("launched", pid=1)
        job.report("started")
        yield job


@pytest.fixture
def shifted(shift, monkeypatch):
    """The clock of everything that asks from now on."""
    now = time.time

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.fromtimestamp(now() + shift, tz)

    monkeypatch.setattr(jobs.time, "time", lambda: now() + shift)
    monkeypatch.setattr(jobs, "datetime", Clock)


@SHIFTS
def test_a_clock_that_jumps_neither_hides_nor_doubles_nor_deletes_a_run(running, shifted):
    assert jobs.current() == running
    assert running.state().active
    assert running.state().elapsed >= 0
    with pytest.raises(jobs.Busy):
        jobs.start(mine())
    for number in range(jobs.KEPT + 5):
        newer = jobs.Job(jobs.folder() / f"{jobs._stamp(jobs.folder())}-{number}")
        assert newer.folder.name > running.folder.name
        newer.folder.mkdir()
        (newer.folder / "spec.json").write_text("{}")
        newer.report("launched")
    jobs._forget_old(jobs.folder())
    assert jobs.active() == [running]
    assert (running.folder / "events.jsonl").exists()


@SHIFTS
def test_a_clock_that_jumps_does_not_touch_what_is_being_written(shifted, folders):
    from caser import files

    with files.scratch(folders) as unfinished:
        files.sweep(folders)
        assert unfinished.exists()
    assert not unfinished.exists()


def test_a_checkpoint_of_next_year_is_as_good_as_any(trained, folders, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folders / "own"))
    later = dataclasses.replace(trained.metadata, trained_at="2099-01-01T00:00:00+00:00")
    checkpoint.save(dataclasses.replace(trained, metadata=later))
    assert checkpoint.load(trained.name).metadata.trained_at.startswith("2099")
