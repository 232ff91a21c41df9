"""One training loop for every model: early stopping on validation, then the final refit.

Every choice is made on validation. `fit` trains on train alone and watches validation; the model
it returns is then trained anew on train + validation for the number of epochs so chosen. A schedule
of the learning rate spans the epochs at the most in both phases, so that the second repeats the steps
that validation judged.

An epoch's random draws depend on seed, epoch and rank alone, so a resumed run ends where an
uninterrupted one does, on one thread of a CPU to the bit.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn

from caser.config import Config
from caser.data.dataset import Split
from caser.data.histories import Histories
from caser.evaluation import Evaluator
from caser.models import Recommender, build
from caser.threads import Threads
from caser.training import distributed
from caser.training.calibration import fit_temperature
from caser.training.cost import require_memory
from caser.training.losses import Objective
from caser.training.reports import (
    CHOSEN_BY,
    LIVE_METRICS,
    RANKING,
    TRAINING,
    EpochReport,
    chosen,
    epochs_left,
)
from caser.training.rows import RowAdam
from caser.training.schedule import cosine


class Cancelled(Exception):
    """Training was asked to stop before it was done."""


Snapshot = dict[str, Tensor]  # of `Recommender.filter_weights`
OnSnapshot = Callable[[dict[int, Snapshot]], None]  # all of a phase so far, by epoch; 0 is untrained
OnShare = Callable[[str, float], None]  # what is done, of reports' three; how much of it, in (0, 1]


def progress(doing: str, on_share: OnShare | None, should_stop: Callable[[], bool] | None) -> Callable[[float], None]:
    """For a ranking: reports the share of `doing` done; raises Cancelled to stop, unless other processes wait."""

    def tell(share: float) -> None:
        if should_stop and distributed.size() == 1 and should_stop():
            raise Cancelled
        if on_share:
            on_share(doing, share)

    return tell


@dataclass
class Fit:
    """A trained model (in eval mode) and how it came about.

    Attributes:
        epochs: the number chosen. validation: the metrics at that number, on validation.
        temperature: fitted on validation to the model of that epoch; None without the softmax loss.
        reports: one for each epoch, both phases. seconds: wall time in all. device: e.g. "cpu".
        snapshots: `Recommender.filter_weights` at some epochs of the phase the model comes from.
    """

    model: Recommender
    epochs: int
    validation: dict[str, float]
    reports: list[EpochReport]
    seconds: float
    device: str
    snapshots: dict[int, dict[str, Tensor]]
    temperature: float | None = None


def snapshot_epochs(epochs: int, most: int = 6) -> list[int]:
    """At most `most` epochs of 0 (untrained) .. epochs, denser early, where filters change fastest.

    >>> snapshot_epochs(14)
    [0, 1, 2, 4, 7, 14]
    """
    spread = torch.logspace(0, torch.log2(torch.tensor(epochs)).item(), most - 1, base=2)
    return sorted({0, *(round(at) for at in spread.tolist())})


class Phase:
    """One model being trained on what is visible at a stage, an epoch at a time.

    Under torch.distributed every rank holds the model and takes its share of each batch.

    Attributes:
        done: epochs trained so far.
        kept: the model to evaluate and return: `model`, or the moving average of its weights.
        snapshots: its filters after every epoch so far; 0 is untrained.
    """

    def __init__(
        self,
        split: Split,
        stage: str,
        config: Config,
        seed: int,
        device: torch.device,
    ):
        self.seed, self.config, self.device = seed, config.training, device
        torch.manual_seed(seed)  # initial weights; `fit` forks torch's random state
        self.histories = Histories(split, stage, device, config.training.hide_test)
        self.model = build(config.model, split.dataset.n_users, split.dataset.n_items).to(device)
        self.model.observe(*self.histories.visible())
        self.kept = self.model  # what is evaluated and returned
        if self.config.ema:
            self.kept = copy.deepcopy(self.model)
            self.average = get_ema_multi_avg_fn(self.config.ema)
        self.averaging = False  # the first update copies
        self.done, self.snapshots = 0, {0: self._snapshot()}
        self.shared, self.own = torch.Generator(device), torch.Generator(device)
        self.threads = Threads(device)
        if self.model.learns:
            self.objective = Objective(config, self.histories, self.own)
            self.rows = RowAdam(self.model, self.kept, config, self.objective.pool)
            moved = {id(weight) for weight in self.rows.weights}
            self.dense = [weight for weight in self.model.parameters() if id(weight) not in moved]
            self.optimizer = torch.optim.Adam(
                self.dense,
                lr=self.config.lr,
                weight_decay=self.config.weight_decay,
                decoupled_weight_decay=self.config.decoupled,
                fused=device.type != "mps",
            )
            averages = zip(self.model.parameters(), self.kept.parameters(), strict=True)
            self.averages = [average for weight, average in averages if id(weight) not in moved]
            self.positions = self._positions()

    def _snapshot(self) -> dict[str, Tensor]:
        return {name: weight.detach().half().cpu() for name, weight in self.kept.filter_weights().items()}

    def _positions(self) -> Tensor:
        """Where a training window ends; sequences that teach every one of their places are cut anew every epoch."""
        if self.model.every_position:
            return self.histories.sequence_ends(self.model.L, self.shared)
        return self.histories.positions(least_history(self.model.L, self.config.full_windows))

    def epoch(self, should_stop: Callable[[], bool], on_share: OnShare | None = None) -> tuple[float, float]:
        """Train on every position once; returns the mean loss and windows a second.

        Args:
            on_share: called after every batch.

        Raises:
            Cancelled: `should_stop` said so, at a batch's start.
            ValueError: the loss is no longer finite.
        """
        begun, trained = time.perf_counter(), (0.0, 0)
        if self.model.learns:
            self._reseed()
            try:
                trained = self._train(should_stop, on_share)
            finally:
                self.threads.release()
        self.done += 1
        self.snapshots[self.done] = self._snapshot()
        loss, examples = trained
        return loss, examples / (time.perf_counter() - begun)

    def _reseed(self) -> None:
        """Every draw of an epoch follows from seed, epoch and rank; order and ties are the same on all ranks."""
        base = (self.seed * 100_003 + self.done) * 1009  # streams of one epoch: 0 shared, 1 + rank its own
        self.shared.manual_seed(base)
        self.own.manual_seed(base + 1 + distributed.rank())
        torch.manual_seed(base + 1 + distributed.rank())  # the models' dropout

    def _train(self, should_stop: Callable[[], bool], on_share: OnShare | None) -> tuple[float, int]:
        item = self._items()
        if self.model.every_position:
            self.positions = self._positions()
        order = torch.randperm(len(self.positions), generator=self.shared, device=self.device)
        total = torch.zeros((), device=self.device)
        self.model.train()
        batches = self.positions[order].split(self.config.batch_size)
        for i, batch in enumerate(batches, 1):
            if should_stop():
                raise Cancelled
            self._set_lr(self.done + i / len(batches))
            if len(batch) >= distributed.size():  # a last batch with less than one window for each rank is left out
                with self.threads:
                    total += self.step(batch, item) * len(batch)
            if on_share:
                on_share(TRAINING, i / len(batches))
        self.rows.settle()
        loss = distributed.mean(total) / len(order)  # the epoch's only wait for the device
        if not loss < float("inf"):
            raise ValueError(f"the loss became {loss}; train with a lower lr than {self.config.lr:g}")
        return loss, len(order)

    def _items(self) -> Tensor | None:
        """An epoch's stand-in for the histories' items; None takes them as they are."""
        item = self.histories.shuffle_ties(self.shared) if self.config.shuffle_ties else None
        if self.config.backwards:
            item = self.histories.turn_around(
                self.histories.item if item is None else item, self.config.backwards, self.shared
            )
        return item

    def _set_lr(self, epochs: float) -> None:
        """The learning rate of the step that makes it `epochs` in all, a fraction; the same in both phases."""
        if self.config.schedule == "cosine":
            for group in self.optimizer.param_groups:
                group["lr"] = self.config.lr * cosine(epochs, self.config.epochs)

    def step(self, batch: Tensor, item: Tensor | None = None) -> Tensor:
        """One optimiser step on the positions `batch`, int64 (B,); returns the loss, still on the device."""
        share = batch[distributed.rank() :: distributed.size()]
        loss = self.objective(self.model, share, item)
        if distributed.size() > 1:
            loss = loss * (len(share) * distributed.size() / len(batch))  # so that ranks average to the batch's mean
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        distributed.average_gradients(self.model)
        self.optimizer.step()
        self.rows.step(self.optimizer.param_groups[0]["lr"])
        if self.config.ema:
            self._update_average()
        return loss.detach()

    def _update_average(self) -> None:
        """`AveragedModel.update_parameters` without its count on the host, which the device would wait for."""
        if self.averaging:
            self.average(self.averages, self.dense, None)
        else:
            with torch.no_grad():
                torch._foreach_copy_(self.averages, self.dense)
        self.averaging = True

    def state(self) -> dict[str, Any]:
        """Everything `restore` needs; its tensors are the live ones, so write them before the next step."""
        optimizer = self.optimizer.state_dict() if self.model.learns else {}
        rows = self.rows.state_dict() if self.model.learns else []
        return {
            "done": self.done,
            "model": self.model.state_dict(),
            "average": self.kept.state_dict() if self.config.ema else {},
            "optimizer": optimizer,
            "rows": rows,
            "snapshots": self.snapshots,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up where `state` was made."""
        self.done, self.snapshots = state["done"], state["snapshots"]
        self.model.load_state_dict(state["model"])
        if self.config.ema:
            self.kept.load_state_dict(state["average"])
            self.averaging = True
        if self.model.learns:
            self.optimizer.load_state_dict(state["optimizer"])
            self.rows.load_state_dict(state["rows"])


def least_history(L: int, full_windows: bool) -> int:
    """How many items must come before a training position."""
    return L if full_windows else min(L, 1)


def require_trainable(split: Split, config: Config) -> None:
    """Raise ValueError, with the remedy, if training would fail later for a reason that the data show now."""
    training, L = config.training, getattr(config.model, "L", 0)
    visible = split.end("validation") - split.dataset.offset[:-1]  # (n_users,)
    least = least_history(L, training.full_windows)
    if visible.max() <= least:
        remedy = f"use an L below {L}, or leave full windows out" if least > 1 else "take longer histories"
        raise ValueError(
            f"no user of {split.dataset.name} has {least + 1} interactions before the held-out ones, so there is "
            f"nothing to learn from; {remedy}"
        )
    if training.negatives or training.loss != "softmax":
        _require_unseen(split, "test" if training.refit else "validation", training.hide_test)


def _require_unseen(split: Split, stage: str, hide_test: bool) -> None:
    """Raise ValueError if somebody has nothing left that a negative could be drawn from."""
    dataset, end = split.dataset, split.end(stage)
    hidden = split.item[split.end("test")[split.evaluated]] if hide_test else None
    for user in np.flatnonzero(end - dataset.offset[:-1] >= dataset.n_items - hide_test):  # nobody, as a rule
        seen = set(split.history(user, stage).tolist())
        if hidden is not None and user in split.evaluated:
            seen.add(int(hidden[np.searchsorted(split.evaluated, user)]))
        if len(seen) == dataset.n_items:
            raise ValueError(
                f"user {dataset.user_name(user)} of {dataset.name} has seen every item, so no negative is left to "
                "draw; train with the loss softmax and 0 negatives"
            )


def fit(
    split: Split,
    config: Config,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    on_epoch: Callable[[EpochReport], None] | None = None,
    on_snapshot: OnSnapshot | None = None,
    on_share: OnShare | None = None,
    should_stop: Callable[[], bool] | None = None,
    state: dict[str, Any] | None = None,
    on_state: Callable[[dict[str, Any]], None] | None = None,
) -> Fit:
    """Train a model; on one thread (OMP_NUM_THREADS=1) the same seed on the same CPU gives the same weights to the bit.

    Several threads sum in another order than one, and which are faster is found out while it runs.

    Args:
        split: the data. config: model and training choices.
        on_epoch: called with every epoch's report, first with those that `state` holds.
        should_stop: asked before every batch, and while ranking.
        on_share: called after every batch, and while the validation is ranked, with what is done and how much of it.
        on_snapshot: called before it, and once before the first epoch, with the phase's `Recommender.filter_weights`.
        on_state: called after every epoch with what `state` takes to continue from there.

    Raises:
        Cancelled: `should_stop` returned True.
        ValueError: nothing to train on, or the loss is no longer finite.
    """
    device = torch.device(device)
    require_memory(config, split)
    require_trainable(split, config)
    if distributed.size() > len(split.evaluated):
        raise ValueError(f"{distributed.size()} processes for {len(split.evaluated)} users; start fewer")
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        run = _Run(split, config, seed, device)
        run.on_epoch, run.on_snapshot, run.on_share, run.on_state = on_epoch, on_snapshot, on_share, on_state
        run.should_stop = should_stop or run.should_stop
        if state is not None:
            run.restore(state)
        return run.fit()


class _Run:
    """The two phases of one `fit`, with the clock that estimates what is left."""

    on_epoch: Callable[[EpochReport], None] | None = None
    on_snapshot: OnSnapshot | None = None
    on_share: OnShare | None = None
    on_state: Callable[[dict[str, Any]], None] | None = None

    def __init__(self, split: Split, config: Config, seed: int, device: torch.device):
        self.split, self.config, self.seed, self.device = split, config, seed, device
        self.reports: list[EpochReport] = []
        self.best: dict[str, float] = {}  # the chosen epoch's metrics on validation
        self.best_epoch, self.best_weights = 0, {}
        self.temperature: float | None = None
        self.earlier_seconds, self.begun = 0.0, time.perf_counter()
        self._enter("select")

    def should_stop(self) -> bool:
        return False

    def _enter(self, phase: str) -> None:
        stage = {"select": "validation", "refit": "test"}[phase]
        self.phase_name = phase
        self.phase = Phase(self.split, stage, self.config, self.seed, self.device)

    @property
    def seconds(self) -> float:
        return self.earlier_seconds + time.perf_counter() - self.begun

    def fit(self) -> Fit:
        if self.phase_name == "select":
            self._select()
            self.phase.kept.load_state_dict(self.best_weights)
            if self.config.training.loss == "softmax" and self.phase.model.learns:
                self.temperature = fit_temperature(self.phase.kept, self.split, "validation", self.device)
        if self.config.training.refit:
            self._refit()
        if self.phase.model.learns:
            self.phase.rows.release()
        return Fit(
            self.phase.kept.eval().requires_grad_(False),
            self.best_epoch,
            self.best,
            self.reports,
            self.seconds,
            self.device.type,
            {epoch: self.phase.snapshots[epoch] for epoch in snapshot_epochs(self.best_epoch)},
            self.temperature,
        )

    def _select(self) -> None:
        """Train on train alone and keep the best epoch on validation."""
        phase, training = self.phase, self.config.training
        self._show()
        users = self.split.evaluated[distributed.rank() :: distributed.size()]
        evaluator = Evaluator(self.split, "validation", self.device, users)
        epochs = training.epochs if phase.model.learns else 1
        while phase.done < epochs and not (training.patience and phase.done - self.best_epoch >= training.patience):
            trained = phase.epoch(self.should_stop, self.on_share)
            metrics = distributed.gather_ranks(
                evaluator(phase.kept, progress(RANKING, self.on_share, self.should_stop))
            ).means()
            if math.isnan(metrics[CHOSEN_BY]):
                raise ValueError(
                    f"every user of {self.split.dataset.name} has seen all items but the held-out one, so no epoch can "
                    "be chosen; take a data set with more items"
                )
            report = self._report(epochs, *trained, {k: metrics[k] for k in LIVE_METRICS})
            if chosen([*self.reports, report], training.patience) is report:
                self.best, self.best_epoch = metrics, phase.done
                self.best_weights = {k: v.clone() for k, v in phase.kept.state_dict().items()}
            self._tell(report)

    def _refit(self) -> None:
        """Train anew on train + validation for the chosen number of epochs."""
        if self.phase_name == "select":
            self._enter("refit")
        while self.phase.done < self.best_epoch:
            self._tell(self._report(self.best_epoch, *self.phase.epoch(self.should_stop, self.on_share), {}))

    def _report(self, epochs: int, loss: float, speed: float, validation: dict[str, float]) -> EpochReport:
        """Of the epoch just trained."""
        report = EpochReport(self.phase_name, self.phase.done, epochs, loss, validation, speed, 0.0)
        left = epochs_left(report, self.config.training) * self.seconds / (len(self.reports) + 1)
        return dataclasses.replace(report, seconds_left=left)

    def _tell(self, report: EpochReport) -> None:
        """Keep a report, then say so to whoever watches."""
        self.reports.append(report)
        if self.on_state:
            self.on_state(self._state())
        self._show()
        if self.on_epoch:
            self.on_epoch(report)

    def _show(self) -> None:
        """Hand the filters to whoever watches them form."""
        if self.on_snapshot:
            self.on_snapshot(self.phase.snapshots)

    def _state(self) -> dict[str, Any]:
        return {
            "phase": self.phase_name,
            "reports": [dataclasses.asdict(report) for report in self.reports],
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
            "temperature": self.temperature,
            "seconds": self.seconds,
            **self.phase.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self._enter(state["phase"])
        self.phase.restore(state)
        self.reports = [EpochReport(**report) for report in state["reports"]]
        self.best, self.best_epoch, self.best_weights = state["best"], state["best_epoch"], state["best_weights"]
        self.temperature = state.get("temperature")  # a run begun by an earlier version fitted none
        self.earlier_seconds = state["seconds"]
        for report in self.reports if self.on_epoch else ():  # whoever watches sees the whole run
            self.on_epoch(report)
