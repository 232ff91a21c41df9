"""A comparison as one HTML page for a meeting: figures inside, nothing loaded from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from caser import data, study, words
from caser.checkpoint import Checkpoint, Metadata
from caser.data.dataset import Split, statistics
from caser.data.source import Source
from caser.evaluation import METRICS, Comparison, compare
from caser.field import effects
from caser.field.entrants import Entrant, kept_seeds, ranks_of, screen_names
from caser.field.standings import Pair, Standings, standings
from caser.field.verdict import p_said, verdict
from caser.field.works import advice, label, sentence
from caser.models import MODELS

CURVE = 100  # longest list of the HR@k curves


@dataclass(frozen=True, eq=False)
class Entry(Entrant):
    """One model of a report.

    Attributes:
        metadata: None for a model that is counted on the spot. changed: its study.
    """

    metadata: Metadata | None = None
    changed: study.Study | None = None


@dataclass(frozen=True)
class Row:
    """One line of a table.

    Attributes:
        name, about: what is measured, and in a few words. mean, low, high: a mean with its 95 % interval.
        left, middle, right, zero: where these and 0 are drawn, in percent of the table's scale.
        trainings: means of models trained alike. means: of every metric.
        comparison, pair: the best model minus this one over users, and the tests of that; None for the best.
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
    trainings: tuple[float, ...] = ()
    means: dict[str, float] | None = None
    comparison: Comparison | None = None
    pair: Pair | None = None


def entries(models: Sequence[Checkpoint], parts: Split) -> list[Entry]:
    """Checkpoints' parts in a report; CheckpointError if one was trained on other data."""
    for trained in models:
        trained.metadata.require(parts.dataset)
    return [
        Entry(
            name,
            trained.metadata.config.model.name,
            ranks_of(trained, parts),
            kept_seeds(trained, parts),
            trained.model.learns,
            trained.metadata,
            study.load(trained),
        )
        for name, trained in zip(screen_names(models), models, strict=True)
    ]


def html(entries: Sequence[Entry], parts: Split, metric: str = "ndcg@10", source: Source | None = None) -> str:
    """The page, in the words of the data.

    Args:
        source: of data that is not known by its name.

    Raises:
        ValueError: no entries, models ranked on different users, or a metric undefined for every user.
    """
    if not entries:
        raise ValueError("a report needs at least one model; name a checkpoint")
    source = source or data.source(parts.dataset.name)
    with words.speaking(source.noun):
        return _html(entries, parts, metric, source)


def _html(entries: Sequence[Entry], parts: Split, metric: str, source: Source) -> str:
    table, by_name = standings(entries, metric), {entry.name: entry for entry in entries}
    best_first = [by_name[row.name] for row in table.rows]
    rows = _rows(table, best_first)
    return rendered(
        "report.html",
        title=f"{len(entries)} models on {source.label}" if len(entries) > 1 else f"{rows[0].name} on {source.label}",
        verdict=verdict(table),
        made=datetime.now(UTC).strftime("%Y-%m-%d"),
        source=source,
        facts=statistics(parts.dataset, source.noun),
        ties=parts.ties,
        users=len(entries[0].ranks.users),
        metric=table.metric,
        metrics=METRICS.values(),
        p_said=p_said,
        rows=rows,
        curves=_curves(best_first),
        curve_end=len(best_first[0].ranks.hit_curve(CURVE)),
        works=[(entry.name, *works) for entry in best_first if (works := _works(entry, metric))],
        details=[(entry.name, _details(entry.metadata, len(entry.seeds))) for entry in best_first if entry.metadata],
    )


def rendered(template: str, **values) -> str:
    """A page from a template below this folder that extends `base.html`; values stay text."""
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template(template).render(values)


def _rows(table: Standings, best_first: Sequence[Entry]) -> list[Row]:
    """A row for each model, beside its tests against the best."""
    metric, (first, *_) = table.metric.name, best_first
    to_scale = _scale([bound for row in table.rows for bound in (row.low, row.high)])
    rows = []
    for row, model in zip(table.rows, best_first, strict=True):
        about = MODELS[row.kind].summary if row.kind in MODELS else ""
        drawn = [to_scale(value) for value in (row.low, row.mean, row.high, 0.0)]
        tests = () if model is first else (compare(first.ranks, model.ranks, metric), table.pair(first.name, row.name))
        rows.append(
            Row(row.name, about, row.mean, row.low, row.high, *drawn, row.trainings, model.ranks.means(), *tests)
        )
    return rows


def _scale(values: Sequence[float]):
    """From a value to percent of a drawing that holds all of them and 0."""
    low, high = min(0.0, *values), max(0.0, *values)
    return lambda value: round(100 * (value - low) / ((high - low) or 1.0), 2)


def _curves(best_first: Sequence[Entry]) -> list[tuple[str, str, float]]:
    """Name, points of an SVG line in a box of 100 x 100, and the last value of each model's HR@k."""
    curves = [one.ranks.hit_curve(CURVE) for one in best_first]
    highest = max((float(curve.max()) for curve in curves), default=0.0) or 1.0
    found = []
    for one, curve in zip(best_first, curves, strict=True):
        x, y = np.linspace(0, 100, len(curve)), 100 - 100 * curve / highest
        found.append((one.name, " ".join(f"{a:.1f},{b:.2f}" for a, b in zip(x, y, strict=True)), float(curve[-1])))
    return found


def _works(entry: Entry, metric: str) -> tuple[str, list[Row]] | None:
    """What does the work in a model, and a row for each change to it; None where nothing was measured."""
    works = effects.works(entry.changed or {}, metric)
    if works is None:
        return None
    changes = sorted(works.effects, key=lambda effect: effect.change)
    to_scale = _scale([value for effect in changes for value in (effect.change, effect.low, effect.high)])
    rows = []
    for effect in changes:
        change = effect.change, effect.low, effect.high
        rows.append(Row(label(effect), "", *change, *map(to_scale, (*sorted(change), 0.0))))
    return f"{sentence(works)} {advice(works, entry.name)}".strip(), rows


def _details(about: Metadata, trainings: int) -> dict[str, str]:
    """How a model was made, in words and numbers."""
    config = about.config.to_dict()
    chosen = {name: value for part in ("model", "training") for name, value in config[part].items() if name != "name"}
    versions = ", ".join(f"{name} {version}" for name, version in about.versions.items())
    return {
        "settings": json.dumps(chosen),
        "trainings": str(max(1, trainings)),
        "epochs": f"{about.epochs}, chosen on validation",
        "trained": f"{about.trained_at[:10]} on {about.device} in {about.seconds:,.0f} s",
        "made with": versions,
        "weights": about.weights_sha256[:16],
    }
