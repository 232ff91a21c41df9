"""Recorded training steps, with stand-ins for what a GPU records."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from caser import checkpoint, interpreter
from caser.config import preset
from caser.training.capture import WARM_UPS, CapturedStep, CaptureError
from caser.training.loop import Phase, fit
from tests.caser.recorders import Refuses, Remembers

CPU = torch.device("cpu")
SETTINGS = [
    preset("caser", "tuned").replace(d=8, batch_size=256),  # ties are shuffled anew every epoch, weights averaged
    preset("caser", "seed").replace(batch_size=256),
]


def trained(parts, config, recorder) -> tuple[list[float], dict]:
    """Two epochs' losses, and the weights after them."""
    phase = Phase(parts, "validation", config, 0, CPU, recorder)
    losses = [phase.epoch(lambda: False)[0] for _ in range(2)]
    return losses, phase.kept.state_dict()


def same(one: tuple, other: tuple) -> bool:
    return one[0] == other[0] and all(torch.equal(weight, other[1][name]) for name, weight in one[1].items())


@pytest.mark.parametrize("config", SETTINGS)
def test_replayed_steps_train_the_same_model(cinema_split, config):
    recorder = Remembers()
    assert same(trained(cinema_split, config, recorder), trained(cinema_split, config, None))
    batches = (
        len(Phase(cinema_split, "validation", config, 0, CPU).positions) // 256
    )  # the last, shorter, is not replayed
    assert recorder.replays == 2 * batches - WARM_UPS


def test_what_cannot_be_recorded_is_said(cinema_split):
    said = r"cannot be recorded \(operation not permitted when stream is capturing\); train without --capture"
    with pytest.raises(CaptureError, match=said):
        trained(cinema_split, SETTINGS[0], Refuses())


CANNOT_RECORD = """
import sys
from caser import cli, experiment
from caser.training.capture import CaptureError
def fit(*args, capture, **kwargs):
    assert capture
    raise CaptureError("the training step cannot be recorded (why); train without --capture")
experiment.fit = fit  # in this process, not in the one that takes its place
sys.exit(cli.main(sys.argv[1:]))
"""


def test_training_begins_again_without_where_nothing_can_be_recorded(tmp_path):
    quick = ["--model", "mf", "--epochs", "1", "--patience", "0", "--d", "8", "--device", "cpu", "--capture"]
    done = subprocess.run(
        [sys.executable, "-c", CANNOT_RECORD, "train", "--dataset", "cinema", "--name", "plain", *quick],
        cwd=tmp_path,
        env=interpreter.environment(CASER_CHECKPOINT_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
    )
    said = "caser: the training step cannot be recorded (why); train without --capture; doing so now"
    assert (done.returncode, done.stderr.strip()) == (0, said)
    assert "refit   1/1" in done.stdout
    assert checkpoint.load(tmp_path / "plain.json").metadata.test["auc"] > 0.5


def test_a_batch_of_another_size_is_never_replayed():
    seen = []
    step = CapturedStep(lambda batch, item: seen.append(len(batch)) or torch.zeros(()), 4, [], Refuses())
    for _ in range(2 * WARM_UPS):
        step(torch.zeros(3))
    assert seen == [3] * 2 * WARM_UPS
    assert step.ready == 0


def test_only_a_cuda_device_can_capture(cinema_split):
    with pytest.raises(ValueError, match="captured on one CUDA device, not on 1 x cpu"):
        fit(cinema_split, SETTINGS[0], capture=True)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("config", SETTINGS)
def test_a_gpu_replays_what_it_would_have_run(cinema_split, config):
    config = config.replace(epochs=2, patience=0, refit=False)
    plain, captured = (fit(cinema_split, config, device="cuda", capture=capture) for capture in (False, True))
    for one, other in zip(plain.reports, captured.reports, strict=True):
        assert other.loss == pytest.approx(one.loss, rel=1e-3)
