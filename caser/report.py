"""A comparison as one HTML page for a meeting: figures inside, nothing loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from caser import data, files, study
from caser.checkpoint import Checkpoint, Metadata
from caser.data.dataset import Split, statistics
from caser.evaluation import (
    METRIC_LABELS,
    Comparison,
    Ranks,
    bootstrap_interval,
    compare,
    evaluate,
    holm,
    mean_told,
)
from caser.models import MODELS

SURE = 0.05  # corrected p-values below it count as a difference
CURVE = 100  # longest list of the HR@k curves


@dataclass(frozen=True, eq=False)
class Entry:
    """One model of a report.

    Attributes:
        name: as shown. kind: its configuration's name. ranks: of every user's test item.
        metadata: None for a model that is counted on the spot. changed: ranks with something changed, by name.
    """

    name: str
    kind: str
    ranks: Ranks
    metadata: Metadata | None = None
    changed: study.Study | None = None


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        name, about: what is measured, and in a few words. mean, low, high: a mean with its 95 % interval.
        left, middle, right, zero: where these and 0 are drawn, in percent of the table's scale.
        seeds: means of models trained alike. means: of every metric.
        comparison, p_value: the best model held against this one, and that test's p-value, corrected.
    """

    name: str
    about: str
    mean: float
    low: float
    high: float
    left: float
    middle: float
    right: float
    zero: float
    seeds: tuple[float, ...] = ()
    means: dict[str, float] | None = None
    comparison: Comparison | None = None
    p_value: float = 1.0


def entry(one: Checkpoint, parts: Split) -> Entry:
    """A checkpoint's part in a report; CheckpointError if it was trained on other data."""
    one.metadata.require(parts.dataset)
    ranks = one.ranks if one.ranks is not None else evaluate(one.model, parts)
    return Entry(one.name, one.metadata.config.model.name, ranks, one.metadata, study.load(one))


def html(entries: Sequence[Entry], parts: Split, metric: str = "ndcg@10") -> str:
    """The page.

    Raises:
        ValueError: no entries, models ranked on different users, or a metric that tells nothing of anybody.
    """
    if not entries:
        raise ValueError("a report needs at least one model; name a checkpoint")
    best_first = sorted(entries, key=lambda one: -one.ranks.means()[metric])
    rows = _standings(best_first, metric)
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    source = data.source(parts.dataset.name)
    return environment.get_template("report.html").render(
        title=f"{len(entries)} models on {source.label}" if len(entries) > 1 else f"{rows[0].name} on {source.label}",
        verdict=_verdict(rows, metric),
        made=datetime.now(UTC).strftime("%Y-%m-%d"),
        source=source,
        facts=statistics(parts.dataset, source.noun),
        ties=parts.ties,
        users=len(entries[0].ranks.users),
        metric=metric,
        labels=METRIC_LABELS,
        rows=rows,
        curves=_curves(best_first),
        curve_end=len(best_first[0].ranks.hit_curve(CURVE)),
        works=[(one.name, found) for one in best_first if (found := _works(one, metric))],
        details=[(one.name, _details(one.metadata)) for one in best_first if one.metadata],
    )


def write(path: Path, page: str) -> None:
    """Write the page, whole or not at all; ValueError with the remedy if that cannot be."""
    try:
        files.replace(path, lambda aside: aside.write_text(page, encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"cannot write {path} ({error.strerror or error}); give --out a file in a folder that you can write to"
        ) from error


def _standings(best_first: Sequence[Entry], metric: str) -> list[Row]:
    """A row for each model, held against the first, user by user."""
    first, *others = best_first
    found = [compare(first.ranks, one.ranks, metric) for one in others]
    p_values = holm([one.p_value for one in found])
    intervals = [one.ranks.intervals()[metric] for one in best_first]
    to_scale = _scale([bound for interval in intervals for bound in interval])
    rows = []
    for one, (low, high), held, p in zip(best_first, intervals, [None, *found], [1.0, *p_values], strict=True):
        means = one.ranks.means()
        seeds = tuple(one.metadata.over_seeds.get(metric, ())) if one.metadata else ()
        about = MODELS[one.kind].summary if one.kind in MODELS else ""
        drawn = [to_scale(value) for value in (low, means[metric], high, 0.0)]
        rows.append(Row(one.name, about, means[metric], low, high, *drawn, seeds, means, held, p))
    return rows


def _scale(values: Sequence[float]):
    """From a value to percent of a drawing that holds all of them and 0."""
    low, high = min(0.0, *values), max(0.0, *values)
    return lambda value: round(100 * (value - low) / ((high - low) or 1.0), 2)


def _verdict(rows: Sequence[Row], metric: str) -> str:
    """Who leads, and whether the others are clearly behind."""
    first, *others = rows
    led = f"{first.name} leads on {METRICS[metric].label} with {first.mean:.3f}"
    if not others:
        return f"{METRICS[metric].label} of {first.name} is {first.mean:.3f} ({first.low:.3f} to {first.high:.3f})."
    close = [row.name for row in others if row.p_value >= SURE]
    clear = len(others) - len(close)
    behind = f"{clear} of {len(others)} others are clearly behind" if len(others) > 1 else f"{others[0].name} is behind"
    if not close:
        return f"{led}; {behind}."
    return f"{led}, but {_listed(close)} may be as good: the difference could be chance." + (
        f" {clear} of {len(others)} others are clearly behind." if clear else ""
    )


def _listed(names: Sequence[str]) -> str:
    """
    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _curves(best_first: Sequence[Entry]) -> list[tuple[str, str, float]]:
    """Name, points of an SVG line in a box of 100 x 100, and the last value of each model's HR@k."""
    curves = [one.ranks.hit_curve(CURVE) for one in best_first]
    highest = max((float(curve.max()) for curve in curves), default=0.0) or 1.0
    found = []
    for one, curve in zip(best_first, curves, strict=True):
        x, y = np.linspace(0, 100, len(curve)), 100 - 100 * curve / highest
        found.append((one.name, " ".join(f"{a:.1f},{b:.2f}" for a, b in zip(x, y, strict=True)), float(curve[-1])))
    return found


def _works(one: Entry, metric: str) -> list[Row]:
    """What each change to a model does to the metric, on the same users; [] where nothing was measured."""
    changed = dict(one.changed or {})
    whole = changed.pop("whole", None)
    for protocol in (study.SEEN, study.OTHER_TIES):  # another question, not another model
        changed.pop(protocol, None)
    if whole is None:
        return []
    found = {name: _change(ranks, whole, metric) for name, ranks in changed.items()}
    to_scale = _scale([value for change in found.values() for value in change])
    return [
        Row(name, "", *change, *map(to_scale, (change[1], change[0], change[2], 0.0)))
        for name, change in sorted(found.items(), key=lambda pair: pair[1][0])
    ]


def _change(changed: Ranks, whole: Ranks, metric: str) -> tuple[float, float, float]:
    """The mean difference to the whole model over the users that both ranked, and its 95 % interval."""
    _, left, right = np.intersect1d(changed.users, whole.users, return_indices=True)
    difference = changed.metrics[metric][left] - whole.metrics[metric][right]
    low, high = bootstrap_interval(difference[:, None])[:, 0]
    return mean_told(difference), float(low), float(high)


def _details(about: Metadata) -> dict[str, str]:
    """How a model was made, in words and numbers."""
    config = about.config.to_dict()
    chosen = {name: value for part in ("model", "training") for name, value in config[part].items() if name != "name"}
    versions = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    return {
        "settings": json.dumps(chosen),
        "seeds": str(max(1, len(next(iter(about.over_seeds.values()), ())))),
        "epochs": f"{about.epochs}, chosen on validation",
        "trained": f"{about.trained_at[:10]} on {about.device} in {about.seconds:,.0f} s",
        "made with": versions,
        "weights": about.weights_sha256[:16],
    }
