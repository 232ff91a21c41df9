"""How far a run is, which epoch it would choose, and the advice that follows."""

from dataclasses import replace

import pytest

from caser.config import preset
from caser.dashboard.train import run as training_run
from caser.jobs import State
from caser.training.reports import EpochReport

TUNED = preset("caser").replace(epochs=10, patience=4, schedule="constant")
PATIENT = TUNED.replace(patience=0)


def course(*ndcg, refit=0):
    """Reports of epochs with these validation scores, then of some refit epochs."""
    select = [EpochReport("select", i, 10, 1.0, {"ndcg@10": v}, 1e3, 30.0) for i, v in enumerate(ndcg, 1)]
    return (*select, *(EpochReport("refit", i, refit, 1.0, {}, 1e3, 30.0) for i in range(1, refit + 1)))


def state(reports, status="running"):
    return State(status, 0.0, 12.0, 1, reports)


@pytest.mark.parametrize(
    ("reports", "config", "share", "said"),
    [
        ((), TUNED, 0.0, "Loading the data · 12 s so far"),
        (course(0.1, 0.2), TUNED, 2 / 20, "epoch 2 of at most 10 done · 12 s so far · about 30 s left at most"),
        (course(0.1, 0.2), PATIENT.replace(refit=False), 2 / 10, "epoch 2 of 10 done · 12 s so far · about 30 s left"),
        (course(0.1, 0.2, refit=1), TUNED, 1.0, "Refit on train + validation: epoch 1 of 1"),
        (course(0.1, 0.2, refit=1), TUNED, 1.0, "evaluating on the test set"),
        (course(0.1, 0.2, 0.3)[2:], TUNED, 3 / 20, "epoch 3 of at most 10 done"),
    ],
)
def test_progress_is_a_share_of_the_most_it_can_take(reports, config, share, said):
    found, text = training_run.progress(state(reports), config)
    assert found == share
    assert said in text


@pytest.mark.parametrize(
    ("doing", "share", "said"),
    [
        ("training", 2.5 / 20, "epoch 2 of at most 10 done · training 50% · 12 s so far"),
        ("ranking the validation", 2.99 / 20, "epoch 2 of at most 10 done · ranking the validation 50% · 12 s so far"),
    ],
)
def test_what_is_done_within_an_epoch_counts(doing, share, said):
    now = replace(state(course(0.1, 0.2)), doing=doing, share=0.5)
    found, text = training_run.progress(now, TUNED)
    assert found == pytest.approx(share)
    assert said in text
    assert training_run.progress(replace(now, reports=()), TUNED)[1].startswith(f"Epoch 1 · {doing} 50% · ")


@pytest.mark.parametrize(
    ("reports", "config", "said"),
    [
        ((), TUNED, ""),
        (course(0.1, 0.2), TUNED, ""),
        (course(0.3, 0.2, 0.2), TUNED, "not improved for 2 epochs; training stops after 4"),
        (course(0.3, 0.2, 0.2, refit=1), TUNED, ""),
        (course(0.3, 0.3, 0.2, 0.2)[1:], TUNED, "not improved for 2 epochs"),
        (course(0.3, *[0.2] * 5), PATIENT, "not improved for 5 epochs, and early stopping is off"),
    ],
)
def test_advice_while_it_runs(reports, config, said):
    found = training_run.advise(reports, config)
    assert said in found
    assert bool(said) == bool(found)


@pytest.mark.parametrize(
    ("reports", "config", "said"),
    [
        (course(*[i / 20 for i in range(10)]), TUNED, "still improving at epoch 10"),
        (course(*[i / 20 for i in range(10)]), TUNED.replace(schedule="cosine"), ""),
        (course(0.1, 0.3, 0.2), PATIENT, "Epoch 2 was the best, but the last one is kept"),
        (course(0.1, 0.1, 0.3, 0.2)[2:], PATIENT, "Epoch 3 was the best"),
        (course(0.1, 0.3, 0.2), TUNED, ""),
        (course(0.1), TUNED, ""),
    ],
)
def test_advice_afterwards(reports, config, said):
    found = training_run.advise_after(reports, config)
    assert said in found
    assert bool(said) == bool(found)
