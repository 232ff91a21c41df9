"""From Caser to a model with curves, a change at a time: what each adds over several trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from caser.evaluation import METRICS, Ranks
from caser.field.effects import interval, paired
from caser.study import STEPS, WHOLE, Study
from caser.words import spoken


@dataclass(frozen=True)
class Step:
    """A model on the way, or with one value of a setting.

    Attributes:
        by_seed: the metric's mean over viewers for each training.
        added: the mean change to the step before, or to the model's own value, and its 95 % interval, paired by seed
            and viewer; None for the first and for that value.
    """

    name: str
    by_seed: dict[int, float]
    added: tuple[float, float, float] | None

    @property
    def mean(self) -> float:
        """Over the trainings."""
        return float(np.mean(list(self.by_seed.values())))

    @property
    def spread(self) -> float:
        """The standard deviation over the trainings; nan for one."""
        return float(np.std(list(self.by_seed.values()), ddof=1)) if len(self.by_seed) > 1 else float("nan")

    @property
    def sure(self) -> bool:
        """Whether what it adds is more than chance; the first adds nothing."""
        return self.added is not None and (self.added[1] > 0 or self.added[2] < 0)


def steps(study: Study, metric: str, model: str) -> tuple[Step, ...]:
    """The steps in a study of the model of that name; () where there are none."""
    if not STEPS.keys() <= study.keys():
        return ()
    way: list[Step] = []
    before: dict[int, Ranks] = {}
    for name in STEPS:
        now = study[name]
        label = model if name == WHOLE else spoken(name)
        by_seed = {seed: ranks.means()[metric] for seed, ranks in now.items()}
        way.append(Step(label, by_seed, added(before, now, metric) if before else None))
        before = now
    return tuple(way)


def added(before: dict[int, Ranks], now: dict[int, Ranks], metric: str) -> tuple[float, float, float]:
    """`Step.added`, over the trainings that both have."""
    return interval(np.stack([paired(now[seed], before[seed], metric) for seed in now if seed in before]))


def sentence(way: Sequence[Step], metric: str) -> str:
    """How far the way leads, and which of its steps add more than chance."""
    measure, first, last = METRICS[metric], way[0], way[-1]
    sure = [f"{step.name} ({measure.change(step.added[0])})" for step in way if step.sure]
    told = f"More than chance: {', '.join(sure)}" if sure else "No single step is more than chance"
    trainings = min(len(step.by_seed) for step in way)
    whole = f"{measure.label} goes from {measure.said(first.mean)} to {measure.said(last.mean)}"
    return f"{whole}, means of {trainings} training{'s' * (trainings > 1)}. {told}."
