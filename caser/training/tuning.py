"""The search for a model's settings: what validation likes best, every trial kept in a journal.

Trials are proposed by Optuna's TPE sampler (Bergstra et al. 2011). One that at some epoch lies below the
median of the finished trials at that epoch is cut short. A trial trains on train alone and is judged on
validation; nothing here reads a test target.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from caser.config import Config, preset
from caser.data.dataset import Split
from caser.fields import Range
from caser.files import places
from caser.models import outline
from caser.training.cost import require_memory
from caser.training.loop import Cancelled, OnShare, fit
from caser.training.reports import CHOSEN_BY, EpochReport, chosen

TRAINING_SEARCH = {  # for every model that learns, under what the model itself says
    "lr": Range(2e-4, 2e-2, log=True),
    "batch_size": (256, 512, 1024, 2048),
    "weight_decay": Range(1e-8, 1e-3, log=True),
}
FIXED = {"refit": False, "hide_test": False}  # a search never sees the test targets
STUDY = "tune"  # the name of the one study of a journal
WARM_UP = {"n_startup_trials": 5, "n_warmup_steps": 3}  # finished trials, and epochs, before any is cut short


@dataclass(frozen=True)
class Trial:
    """One choice of settings and what it came to.

    Attributes:
        number: in the order of the search. outcome: "complete", "pruned" or "failed".
        settings: the searched fields. validation: metrics at the best epoch; {} if it failed.
        epochs: up to the best one. seconds: wall time. error: why it failed.
    """

    number: int
    outcome: str
    settings: dict[str, Any]
    validation: dict[str, float] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, eq=False)
class Search:
    """What is searched, for one model on one split; checked when made.

    What is neither searched nor in `fixed` is as in the model's preset `tuned`, which is also the first trial as
    far as its values lie where is searched. So a search never ends below what is there.

    Attributes:
        fixed: fields of the model or of its training, by name, not to be searched.
        seed: of the proposals and of every trial's training. device: where a trial trains.

    Raises:
        ValueError: an unknown model, a field or value it does not take, or nothing left to search.
    """

    split: Split
    model: str
    fixed: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: torch.device | str = "cpu"

    def __post_init__(self):
        require_memory(self.base, self.split)
        if not self.space:
            raise ValueError(f"the {self.model} model has nothing to search beside the settings given; train it")

    @cached_property
    def base(self) -> Config:
        """The configuration that a trial changes."""
        return preset(self.model).replace(**self.fixed | FIXED)

    @cached_property
    def space(self) -> dict[str, Range | tuple]:
        """Where to search each field that is not fixed."""
        model = outline(self.base.model, self.split.dataset.n_users, self.split.dataset.n_items)
        whole = (TRAINING_SEARCH if model.learns else {}) | model.search
        return {name: where for name, where in whole.items() if name not in self.fixed}

    @cached_property
    def start(self) -> dict[str, Any]:
        """The searched fields as `base` has them, where they lie within the search."""
        flat = dataclasses.asdict(self.base.training) | dataclasses.asdict(self.base.model)
        return {name: flat[name] for name, where in self.space.items() if _lies(flat[name], where)}

    @cached_property
    def identity(self) -> str:
        """JSON of all that a trial's outcome follows from, besides its settings."""
        dataset = self.split.dataset
        data = [dataset.name, dataset.checksum, self.split.ties]
        return json.dumps([*data, self.base.to_dict(), repr(self.space), self.seed], sort_keys=True)

    def default_journal(self) -> Path:
        """A file of this search's own in ~/.cache/caser/tuning, a folder that is made if missing."""
        folder = places.home() / "tuning"
        with _journal_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(self.identity.encode()).hexdigest()[:8]
        return folder / f"{self.split.dataset.name}-{self.model}-{digest}.journal"

    def run(
        self,
        journal: Path,
        trials: int,
        timeout: float | None = None,
        on_trial: Callable[[Trial], None] | None = None,
        on_share: OnShare | None = None,
    ) -> list[Trial]:
        """Search until the journal holds `trials` trials; returns all it holds, the best first.

        On a CPU a search that was interrupted and run again proposes what an uninterrupted one would have.

        Args:
            journal: made if missing; one process at a time. timeout: seconds, after which the trial at work
                is dropped. on_trial: called after every trial. on_share: as for `fit`.

        Raises:
            ValueError: no trials or no time asked for, Optuna is missing, the journal cannot be written or
                belongs to another search, or every trial failed.
        """
        if trials < 1 or (timeout is not None and not timeout > 0):
            raise ValueError(f"trials is {trials}, timeout {timeout}; give at least 1 trial and a positive time")
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        study = _Study(self, journal)
        while len(study.finished()) < trials and time.monotonic() < deadline:
            with _journal_errors(journal):
                tried = study.next(lambda: time.monotonic() > deadline, on_share)
            if tried and on_trial:
                on_trial(tried)
        finished = sorted(study.finished(), key=lambda trial: -trial.validation.get(CHOSEN_BY, -1))
        if finished and all(trial.outcome == "failed" for trial in finished):
            raise ValueError(f"all {len(finished)} trials failed, the last with: {finished[-1].error}")
        return finished


class _Study:
    """A search's trials in their journal."""

    def __init__(self, search: Search, journal: Path):
        self.search, self.optuna = search, _optuna()
        with _journal_errors(journal):
            self.study = self._open(journal)
        if self.study.user_attrs["identity"] != search.identity:
            raise ValueError(
                f"the trials in {journal} have other data, settings or another seed; "
                "give the same ones, or another --journal"
            )

    def _open(self, journal: Path):
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        _check_journal(journal)
        study = self.optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(journal))),
            pruner=self.optuna.pruners.MedianPruner(**WARM_UP),
            study_name=STUDY,
            direction="maximize",
            load_if_exists=True,
        )
        if "identity" not in study.user_attrs:
            study.set_user_attr("identity", self.search.identity)
        return study

    def finished(self) -> list[Trial]:
        """The trials that came to an end of their own, in order."""
        ended = [t for t in self.study.get_trials(deepcopy=False) if "outcome" in t.user_attrs]
        return [Trial(number=t.number, settings=t.params, **t.user_attrs) for t in ended]

    def _waiting(self) -> bool:
        return bool(self.study.get_trials(deepcopy=False, states=[self.optuna.trial.TrialState.WAITING]))

    def next(self, should_stop: Callable[[], bool], on_share: OnShare | None = None) -> Trial | None:
        """Make one trial; None if it was stopped, and then it does not count."""
        seed = self.search.seed * 100_003 + len(self.finished())
        self.study.sampler = self.optuna.samplers.TPESampler(seed=seed)
        if not self.finished() and not self._waiting():
            self.study.enqueue_trial(self.search.start)
        trial = self.study.ask()
        fail = self.optuna.trial.TrialState.FAIL
        begun = time.perf_counter()
        try:
            made, state = self._outcome(trial, should_stop, on_share)
        except BaseException as error:
            self.study.tell(trial, state=fail)
            if isinstance(error, Cancelled):
                return None
            raise
        made |= {"seconds": round(time.perf_counter() - begun, 2)}
        for name, value in made.items():
            trial.set_user_attr(name, value)
        self.study.tell(trial, made["validation"][CHOSEN_BY] if state is None else None, state=state)
        return self.finished()[-1]

    def _outcome(self, trial, should_stop: Callable[[], bool], on_share: OnShare | None) -> tuple[dict[str, Any], Any]:
        """What `Trial` says of a trial's end, and its state for Optuna; None is complete."""
        states, reports = self.optuna.trial.TrialState, []

        def watch(report: EpochReport) -> None:
            reports.append(report)
            trial.report(report.validation[CHOSEN_BY], report.epoch)
            if trial.should_prune():
                raise self.optuna.TrialPruned

        settings = {name: _suggest(trial, name, where) for name, where in self.search.space.items()}
        try:
            config = self.search.base.replace(**settings)
            fit(
                self.search.split,
                config,
                seed=self.search.seed,
                device=self.search.device,
                on_epoch=watch,
                on_share=on_share,
                should_stop=should_stop,
            )
        except (ValueError, torch.OutOfMemoryError) as error:  # it diverged, or the settings do not go together
            return {"outcome": "failed", "error": str(error).splitlines()[0], "validation": {}}, states.FAIL
        except self.optuna.TrialPruned:
            return {"outcome": "pruned", **_best(reports, patience=1)}, states.PRUNED
        return {"outcome": "complete", **_best(reports, config.training.patience)}, None


def _best(reports: list[EpochReport], patience: int) -> dict[str, Any]:
    report = chosen(reports, patience)
    return {"epochs": report.epoch, "validation": report.validation}


def _lies(value: Any, where: Range | tuple) -> bool:
    return value in where if isinstance(where, tuple) else where.low <= value <= where.high


def _suggest(trial, name: str, where: Range | tuple) -> Any:
    if isinstance(where, tuple):
        return trial.suggest_categorical(name, where)
    suggest = trial.suggest_int if isinstance(where.low, int) else trial.suggest_float
    return suggest(name, where.low, where.high, log=where.log)


@contextmanager
def _journal_errors(journal: Path) -> Iterator[None]:
    """What goes wrong with the file, as a ValueError with a remedy."""
    try:
        yield
    except OSError as error:
        raise ValueError(
            f"cannot write the journal {journal} ({error.strerror or error}); "
            "give --journal a file in a folder you can write to"
        ) from error
    except json.JSONDecodeError as error:
        raise ValueError(f"cannot read the journal {journal} ({error}); give --journal another file") from error


def _check_journal(journal: Path) -> None:
    """See that a journal can be written: OSError if not, ValueError if the file is something else."""
    with journal.open("ab+") as file:
        file.seek(0)
        first = file.readline()
    try:
        ours = not first or "op_code" in json.loads(first)
    except (ValueError, TypeError):
        ours = False
    if not ours:
        raise ValueError(f"{journal} is not a journal of trials; give --journal another file")


def _optuna():
    """Optuna, an extra that nothing else needs."""
    try:
        import optuna
    except ImportError as error:
        raise ValueError("tuning needs Optuna; `pip install -r requirements-tune.txt` installs it") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
