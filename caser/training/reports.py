"""What an epoch came to, which epoch is chosen, and how many are left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from caser.config import TrainingConfig

LIVE_METRICS = ("hr@10", "hr@50", "ndcg@10", "auc")
CHOSEN_BY = "ndcg@10"  # on validation
READING, TRAINING, RANKING, TESTING = "reading the data", "training", "ranking the validation", "ranking the test"
DOINGS = (READING, TRAINING, RANKING, TESTING)  # what a run does


@dataclass(frozen=True)
class EpochReport:
    """What one epoch came to.

    Attributes:
        phase: "select" (on train, watching validation) or "refit" (on train + validation).
        epoch: 1-based, of at most `epochs`.
        loss: mean over targets. validation: `LIVE_METRICS`, empty while refitting.
        examples_per_second: training windows a second, without evaluation.
        seconds_left: at the most, both phases.
    """

    phase: str
    epoch: int
    epochs: int
    loss: float
    validation: dict[str, float]
    examples_per_second: float
    seconds_left: float

    @classmethod
    def checked(cls, fields: dict) -> EpochReport:
        """From what a file says; ValueError or TypeError if that cannot be a report."""
        report = cls(**fields)
        if not isinstance(report.validation, dict):
            raise ValueError("not the report of an epoch")
        numbers = (report.epoch, report.epochs, report.loss, report.examples_per_second, report.seconds_left)
        if report.phase not in ("select", "refit") or not all(map(_finite, (*numbers, *report.validation.values()))):
            raise ValueError("not the report of an epoch")
        measured = report.validation.keys() >= set(LIVE_METRICS) if report.phase == "select" else not report.validation
        if not (1 <= report.epoch <= report.epochs and measured):
            raise ValueError("not the report of an epoch of this version")
        return report


def _finite(value: object) -> bool:
    """A number, or nan, which an undefined metric is."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) != float("inf")


def selecting(reports: Iterable[EpochReport]) -> list[EpochReport]:
    """Those of the first phase, from which an epoch is chosen. A damaged record may lack some."""
    return [report for report in reports if report.phase == "select"]


def best(reports: Iterable[EpochReport]) -> EpochReport | None:
    """The first best epoch on validation; None before the first."""
    return max(selecting(reports), key=lambda report: report.validation[CHOSEN_BY], default=None)


def chosen(reports: Sequence[EpochReport], patience: int) -> EpochReport | None:
    """The epoch chosen so far: the best; without early stopping the last; None before the first."""
    return best(reports if patience else selecting(reports)[-1:])


def epochs_done(reports: Iterable[EpochReport]) -> int:
    """Epochs trained so far, in both phases."""
    return sum({report.phase: report.epoch for report in reports}.values())


def epochs_left(report: EpochReport, training: TrainingConfig) -> int:
    """Epochs still to come after a report at the most, in both phases."""
    refit = report.epochs if report.phase == "select" and training.refit else 0
    return report.epochs - report.epoch + refit
