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
        told = report.validation.keys() >= set(LIVE_METRICS) or not report.validation
        if not (1 <= report.epoch <= report.epochs and told):
            raise ValueError("not the report of an epoch of this version")
        return report


def _finite(value: object) -> bool:
    """A number, or nan, which a metric is where it tells nothing."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) != float("inf")


def choosing_scores(reports: Iterable[EpochReport]) -> list[float]:
    """What the number of epochs is chosen by, one score for each epoch of the first phase."""
    return [report.validation[CHOSEN_BY] for report in reports if report.phase == "select"]


def chosen_epoch(scores: Sequence[float], patience: int) -> int:
    """The epoch chosen so far, 1-based: the first best one; without early stopping the last; 0 before the first.

    >>> chosen_epoch([0.1, 0.3, 0.2], patience=5), chosen_epoch([0.1, 0.3, 0.2], patience=0)
    (2, 3)
    """
    return scores.index(max(scores)) + 1 if scores and patience else len(scores)


def epochs_left(report: EpochReport, training: TrainingConfig) -> int:
    """Epochs still to come after a report at the most, in both phases."""
    refit = report.epochs if report.phase == "select" and training.refit else 0
    return report.epochs - report.epoch + refit
