"""One setting over several values: what each comes to over several trainings, compared with the checkpoint's own."""

from __future__ import annotations

from collections.abc import Sequence

from caser.config import Config
from caser.evaluation import METRICS
from caser.field.steps import Step, added
from caser.fields import field_names
from caser.study import WHOLE, Study
from caser.study.sweep import own_name


def sweeps(study: Study, config: Config, metric: str) -> dict[str, tuple[Step, ...]]:
    """By setting, its values in ascending order, the checkpoint's own among them; {} where none was swept."""
    settings = [name.partition("=")[0] for name in study if "=" in name]
    known = {*field_names(config.model), *field_names(config.training)}
    return {name: _sweep(study, config, name, metric) for name in dict.fromkeys(settings) if name in known}


def _sweep(study: Study, config: Config, setting: str, metric: str) -> tuple[Step, ...]:
    base = own_name(config, setting)
    measured = {name: ranks for name, ranks in study.items() if name.partition("=")[0] == setting}
    seeds = {seed for ranks in measured.values() for seed in ranks}
    whole = {seed: ranks for seed, ranks in study[WHOLE].items() if seed in seeds}
    values = []
    for name in sorted([base, *measured], key=_order):
        now = whole if name == base else measured[name]
        by_seed = {seed: ranks.means()[metric] for seed, ranks in now.items()}
        values.append(Step(name.replace("=", " = "), by_seed, None if name == base else added(whole, now, metric)))
    return tuple(values)


def _order(name: str) -> tuple[float, str]:
    """Numbers by their size, before words."""
    value = name.partition("=")[2]
    try:
        return float(value), ""
    except ValueError:
        return float("inf"), value


def own_value(values: Sequence[Step]) -> Step:
    """That of the checkpoint, with which the others are compared."""
    return next(step for step in values if step.added is None)


def sentence(values: Sequence[Step], metric: str) -> str:
    """Which value is best, and which differ from the checkpoint's own by more than chance."""
    measure, own, best = METRICS[metric], own_value(values), max(values, key=lambda step: step.mean)
    trainings = min(len(step.by_seed) for step in values)
    over = f"means of {trainings} training{'s' * (trainings > 1)}"
    first = f"{measure.label} is highest at {best.name}: {measure.said(best.mean)}, {over}"
    sure = [f"{step.name} ({measure.change(step.added[0])})" for step in values if step.sure]
    told = f"Different from {own.name}: {', '.join(sure)}" if sure else f"Every difference to {own.name} may be chance"
    return f"{first}. {told}."
