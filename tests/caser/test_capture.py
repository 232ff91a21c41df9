"""Recorded training steps, with a stand-in for what a GPU records."""

from __future__ import annotations

import pytest
import torch

from caser import checkpoint, cli, experiment
from caser.capture import WARM_UPS, CapturedStep, CaptureError
from caser.config import preset
from caser.training import Phase, fit

CPU = torch.device("cpu")
SETTINGS = [
    preset("caser", "tuned").replace(d=8, batch_size=256),  # ties are shuffled anew every epoch, weights averaged
    preset("caser", "seed").replace(batch_size=256),
]


class Remembers:
    """Replays by doing the remembered work again, on whatever the arguments' places then hold."""

    def __init__(self):
        self.replays = 0

    def warm_up(self, work):
        return work()

    def record(self, work, generators):
        def replay():
            self.replays += 1
            return work()

        return replay


class Refuses(Remembers):
    def record(self, work, generators):
        raise RuntimeError("operation not permitted when stream is capturing\nand more")


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


def test_training_goes_on_in_a_new_process_where_nothing_can_be_recorded(tmp_path, monkeypatch, capfd):
    def cannot_be_recorded(*args, capture: bool, **kwargs):
        assert capture
        raise CaptureError("the training step cannot be recorded (why); train without --capture")

    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    monkeypatch.setattr(experiment, "fit", cannot_be_recorded)  # in this process, not in the new one
    quick = ["--model", "mf", "--epochs", "1", "--patience", "0", "--d", "8", "--device", "cpu"]
    code = cli.main(["train", "--dataset", "cinema", "--name", "plain", "--capture", *quick])
    out, err = capfd.readouterr()
    assert (code, err.strip()) == (
        0,
        "caser: the training step cannot be recorded (why); train without --capture; doing so now",
    )
    assert "refit   1/1" in out
    assert checkpoint.load("plain").metadata.test["auc"] > 0.5


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
