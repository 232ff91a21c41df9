"""What is written is whole or not there; what a killed process left goes away; what another is writing stays."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from caser import files
from caser.files import BrokenFile, npz, places

WRITES_AND_WAITS = """
import sys, time
from pathlib import Path
from caser import files

def write(aside):
    aside.write_bytes(b"half")
    print("writing", flush=True)
    time.sleep(600)

files.replace(Path(sys.argv[1]), write)
"""


@pytest.fixture
def killed_while_writing(tmp_path):
    """Starts a process that is in the midst of writing `target`; returns what kills it."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITES_AND_WAITS, str(tmp_path / "target")],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout.readline() == b"writing\n"

        def kill():
            child.send_signal(signal.SIGKILL)
            child.wait()

        yield kill
        kill()


def test_what_a_killed_process_left_is_cleared_and_what_a_living_one_writes_is_not(tmp_path, killed_while_writing):
    files.sweep(tmp_path)
    (left,) = os.listdir(tmp_path)
    assert left.startswith(files.SCRATCH)
    killed_while_writing()
    assert os.listdir(tmp_path) == [left]
    files.replace(tmp_path / "other", lambda aside: aside.write_text("whole"))
    assert os.listdir(tmp_path) == ["other"]


def test_a_folder_left_before_it_was_locked_is_cleared(tmp_path):
    (tmp_path / f"{files.SCRATCH}0").mkdir()
    files.sweep(tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path):
    target = tmp_path / "target"
    target.write_text("old")

    def write(aside):
        aside.write_text("ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        files.replace(target, write)
    assert os.listdir(tmp_path) == ["target"]
    assert target.read_text() == "old"


def test_many_who_write_at_once_do_not_sweep_each_other_away(tmp_path):
    failed = []

    def write(number):
        try:
            for _ in range(20):
                files.replace(tmp_path / f"{number % 3}", lambda aside: aside.write_text("whole"))
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(os.listdir(tmp_path)) == ["0", "1", "2"]


def test_a_user_without_a_home_has_a_place(monkeypatch):
    monkeypatch.setattr(places.os.path, "expanduser", lambda path: path)
    assert places.home() == Path(tempfile.gettempdir()) / "caser"


@pytest.mark.parametrize("given", ["~nobody-of-that-name/x", "x" * 300, "/dev/null/x"])
def test_a_folder_that_cannot_be_is_only_empty(monkeypatch, given):
    monkeypatch.setenv("CASER_DATA_DIR", given)
    assert places.listed(places.chosen("CASER_DATA_DIR", Path("/")), "*") == []


def test_damaged_arrays_are_one_kind_of_error_whatever_numpy_raises(tmp_path):
    path, rng = tmp_path / "arrays.npz", random.Random(0)
    np.savez_compressed(path, one=np.arange(100), other=np.array("text"))
    whole, refused = path.read_bytes(), 0
    assert npz.read(path)["one"].tolist() == list(range(100))
    for _ in range(300):
        broken = bytearray(whole)
        for _ in range(rng.choice((1, 2, 20))):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        path.write_bytes(broken)
        try:
            npz.read(path)
        except BrokenFile:
            refused += 1
    assert refused > 150


def test_arrays_without_end_are_refused(tmp_path):
    path = tmp_path / "arrays.npz"
    np.savez_compressed(path, one=np.zeros(1_000_000))
    with pytest.raises(BrokenFile, match="would unpack to 8,000"):
        npz.read(path, largest=1_000_000)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BrokenFile, match="no regular file"):
        npz.read(path)
    path.unlink()
    with pytest.raises(BrokenFile, match="No such file"):
        npz.read(path)
