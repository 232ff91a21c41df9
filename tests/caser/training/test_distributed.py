"""Two gloo processes through the command line, as torchrun starts them."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from caser import checkpoint, cli
from caser.evaluation import Ranks
from caser.training import distributed

SETTINGS = ["--dataset", "cinema", "--d", "16", "--n-h", "1", "--batch-size", "1024", "--lr", "0.01", "--patience", "0"]
LAUNCHER = ["-m", "torch.distributed.run", "--standalone"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return tmp_path


def command(*arguments):
    start = [*LAUNCHER, "--nproc-per-node=2", "-m", "--", "caser"]  # without -- torchrun takes --d for its own option
    return [sys.executable, *start, "train", *SETTINGS, *arguments]


def train(*arguments):
    done = subprocess.run(command(*arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_processes_train_the_model_one_does(folder):
    printed = train("--name", "two", "--epochs", "4", "--no-refit")
    assert cli.main(["train", *SETTINGS, "--name", "one", "--epochs", "4", "--no-refit"]) == 0
    two, one = checkpoint.load("two"), checkpoint.load("one")
    assert printed.count("select") == 4  # only the first process speaks
    assert sorted(os.listdir(folder)) == ["one.filters.npz", "one.safetensors", "two.filters.npz", "two.safetensors"]
    assert len(two.ranks.users) == len(one.ranks.users) == 800
    losses = [[report["loss"] for report in run.metadata.history] for run in (two, one)]
    assert losses[0] == pytest.approx(losses[1], rel=0.03)
    assert two.ranks.means()["auc"] == pytest.approx(one.ranks.means()["auc"], abs=0.03)
    assert two.ranks.means()["hr@50"] == pytest.approx(one.ranks.means()["hr@50"], abs=0.08)


def test_two_processes_with_large_tables_train_what_one_does():
    script = ["--nproc-per-node=2", "-m", "tests.caser.training.two_processes"]
    done = subprocess.run([sys.executable, *LAUNCHER, *script], capture_output=True, text=True, check=False)
    assert done.stdout == "the same\n", done.stderr


def test_a_lost_process_ends_the_run_and_resume_finishes_it(folder):
    running = subprocess.Popen(
        command("--name", "lost", "--epochs", "200", "--no-refit"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(folder / ".lost.state", running)
    os.kill(children(running.pid)[-1], signal.SIGKILL)
    _, errors = running.communicate(timeout=90)
    assert running.returncode != 0
    assert "--resume" in errors
    assert not (folder / "lost.safetensors").exists()
    state = torch.load(folder / ".lost.state", weights_only=True)["state"]
    assert state["done"] >= 1  # the last whole epoch is there


def wait_for(path, process, seconds=90):
    end = time.monotonic() + seconds
    while not path.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.05)


def children(pid):
    """The process ids of a process's children."""
    listing = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return [int(line) for line in listing.stdout.split()]


def test_ranks_come_back_in_the_order_of_users(monkeypatch):
    halves = [
        Ranks(np.array([0, 2]), np.array([5.0, 7.0]), np.array([9, 9])),
        Ranks(np.array([1]), np.array([6.0]), np.array([8])),
    ]
    monkeypatch.setattr(distributed, "size", lambda: 2)
    monkeypatch.setattr(distributed.dist, "all_gather_object", lambda into, own: into.__setitem__(slice(None), halves))
    together = distributed.gather_ranks(halves[0])
    assert together.users.tolist() == [0, 1, 2]
    assert together.rank.tolist() == [5, 6, 7]
    assert together.candidates.tolist() == [9, 8, 9]


def test_one_process_is_left_alone():
    assert (distributed.size(), distributed.rank()) == (1, 0)
    module = torch.nn.Linear(1, 1)
    module(torch.ones(1)).backward()
    distributed.average_gradients(module)
    assert module.weight.grad == 1
    with distributed.joined(torch.device("cpu")) as device:
        assert device.type == "cpu"
