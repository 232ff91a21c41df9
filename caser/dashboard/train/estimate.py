"""How long a training run will take here."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch

from caser import checkpoint, jobs
from caser.config import Config
from caser.dashboard import loaders
from caser.dashboard.names import capital, duration, plain
from caser.dashboard.runtime import server as process
from caser.data.dataset import Split
from caser.evaluation import Evaluator
from caser.experiment import Experiment
from caser.jobs import Job
from caser.models import outline
from caser.training import cost
from caser.training.cost import size, step_cost
from caser.training.devices import resolve_device
from caser.training.loop import Cancelled, Phase
from caser.training.reports import epochs_left
from caser.words import W

MOST_FLOPS, MOST_BYTES = 4e10, 1 << 30  # of a step that the server times for a visitor: about a second, 1 GiB
UNTIMED = {"lr": 1e-3, "weight_decay": 0.0, "epochs": 1, "patience": 0, "refit": False}  # do not change an epoch's time


ONE_PASS = "This model is counted or solved in one pass, not trained step by step; its time is not estimated"


@dataclass(frozen=True)
class Estimate:
    """Seconds an epoch with its evaluation takes, nan if unknown, and the source of that number."""

    seconds: float
    source: str


def estimate(wanted: Experiment) -> Estimate:
    """From the last run of the same size here, else from half a second of training if a step is small enough."""
    device = resolve_device(wanted.device).type
    for job in jobs.recent():
        found = _past(job, wanted, device)
        if found:
            return Estimate(found, f"from the training {plain(job.name)} on this machine")
    parts = loaders.split(wanted.dataset, wanted.ties)
    if not outline(wanted.config.model, parts.dataset.n_users, parts.dataset.n_items).learns:
        return Estimate(float("nan"), ONE_PASS)
    step = step_cost(wanted.config, parts.dataset.n_users, parts.dataset.n_items)
    if step.flops > MOST_FLOPS or step.bytes > MOST_BYTES:
        return Estimate(float("nan"), f"a step takes up to {step.flops / 1e9:,.0f} GFLOP and {size(step.bytes)}")
    seconds = _measured(wanted.dataset, wanted.ties, wanted.config.replace(**UNTIMED), device)
    return Estimate(seconds, f"from half a second of training on this machine's {device}")


def _past(job: Job, wanted: Experiment, device: str) -> float | None:
    """Seconds an epoch took in a job of the same size; None for a job of another."""
    try:
        spec = job.spec()
        same = spec["config"].replace(**UNTIMED) == wanted.config.replace(**UNTIMED)
        same = same and spec["dataset"] == wanted.dataset and resolve_device(spec["device"]).type == device
    except ValueError:
        return None
    timed = [(r.seconds_left, epochs_left(r, spec["config"].training)) for r in job.state().reports] if same else []
    return next((seconds / left for seconds, left in reversed(timed) if left), None)


@loaders.kept(max_entries=32, spinner="Measuring how fast this trains here …")
def _measured(dataset: str, ties: str, config: Config, device: str, budget: float = 0.5) -> float:
    """Seconds an epoch would take, estimated from some batches and from ranking for some of the users."""
    with process.every_core():
        return _timed(loaders.split(dataset, ties), config, device, budget)


def _timed(split: Split, config: Config, device: str, budget: float) -> float:
    with torch.random.fork_rng(devices=[device] if device == "cuda" else []):
        phase = Phase(split, "validation", config, 0, torch.device(device))
    batches = -(-len(phase.positions) // config.training.batch_size)
    asked, begun = [], time.perf_counter()  # when each batch began

    def enough() -> bool:
        asked.append(time.perf_counter())
        return len(asked) > 2 and asked[-1] - asked[1] > budget

    try:
        phase.epoch(enough)
        training = time.perf_counter() - begun
    except Cancelled:  # the first batch, and what comes before it, take long on a large set, once an epoch
        training = asked[1] - begun + (asked[-1] - asked[1]) / (len(asked) - 2) * (batches - 1)
    return training + _ranking_seconds(split, phase)


def _ranking_seconds(split: Split, phase: Phase, most: int = 500) -> float:
    """Seconds one evaluation on validation would take, estimated from `most` users."""
    users = split.evaluated
    some = users[np.unique(np.linspace(0, len(users) - 1, most).astype(int))]
    evaluator = Evaluator(split, "validation", phase.histories.device, some)
    begun = time.perf_counter()
    evaluator(phase.model)
    return (time.perf_counter() - begun) * len(users) / len(some)


def usual_epochs(wanted: Experiment) -> tuple[int, str] | None:
    """How many epochs were chosen for a model of the same kind on the same data, and for which checkpoint.

    The latest one with the same pace counts. None without such a model, or for a fixed number of epochs.
    """
    if not wanted.config.training.patience:
        return None
    shelf = loaders.shelf(wanted.dataset).models
    alike = [name for name in shelf if _pace(loaders.metadata(name).config) == _pace(wanted.config)]
    latest = max(alike, key=lambda name: checkpoint.locate(name).stat().st_mtime, default=None)
    return (loaders.metadata(latest).epochs, latest) if latest else None


def _pace(config: Config) -> tuple:
    """What decides how many epochs a model needs, as far as settings can."""
    training = config.training
    return config.model.name, training.loss, training.lr, training.batch_size, training.schedule


def estimate_text(estimated: Estimate, config: Config, usual: tuple[int, str] | None = None) -> str:
    """How long a run may take, and what that rests on.

    Args:
        usual: epochs chosen for a model of this kind, and which.
    """
    training = config.training
    if estimated.source == ONE_PASS:
        return f"{ONE_PASS}."
    if estimated.seconds != estimated.seconds:
        return f"No estimate, since one step is large: {estimated.source}. The first epoch will show how long it takes."
    epochs = training.epochs * (2 if training.refit else 1)
    refit = " and as many for the refit" if training.refit else ""
    sooner = " Early stopping usually ends it sooner." if training.patience else ""
    if usual and training.patience and usual[0] < training.epochs:
        chosen = usual[0]
        needed = min(chosen + training.patience, training.epochs) + chosen * training.refit
        expected = duration(needed * estimated.seconds)
        sooner = f" With the {chosen} epochs that {plain(usual[1])} needed, it takes about **{expected}**."
    most = "at most " if training.patience else ""
    return (
        f"Estimate: {most}about **{duration(epochs * estimated.seconds)}** for {training.epochs} epochs{refit}, "
        f"{duration(estimated.seconds)} each, {estimated.source}.{sooner}"
    )


def weighed(wanted: Experiment) -> str:
    """What a step weighs, where that is less than the whole catalogue."""
    dataset, device = loaders.dataset(wanted.dataset), resolve_device(wanted.device)
    if wanted.config.training.negatives or cost.pool_size(wanted.config, dataset.n_items, device) == dataset.n_items:
        return ""
    said = cost.said(wanted.config, dataset.n_users, dataset.n_items, device)
    return f" {capital(said).replace('items', W.films)}."
