"""Figures for which weights are run or the data is read."""

from __future__ import annotations

from functools import cache

from caser import findings
from caser.config import preset
from caser.data import cinema
from caser.data.dataset import tie_shares
from caser.evaluation import METRICS, Ranks, evaluate
from caser.explain.planted import SETS, patterns
from caser.training.calibration import Reliability, reliability
from caser.training.loop import fit
from caser.verifying.kept import SHOWN
from caser.verifying.oracle import oracle
from caser.verifying.shipped import (
    CINEMA,
    DATASETS,
    KINDS,
    LABELS,
    ML_100K,
    how_many,
    load,
    over_seeds,
    parts,
    said,
    table,
)

LEVEL = {"covisit": {"fade": 1.0, "L": 200}, "ease": {"tau": 0.0, "L": 1000}}  # a whole history without its order
NO_CINEMA_ROW = "caser-seed"  # its settings are the chapter's, for ML-100K
CHANGED = {"caser": "Caser `tuned`, with `--backwards 0 --T 1 --epochs 10`"}


def popularity() -> str:
    """What listing the most watched films reaches on ML-100K."""
    means = _counted(ML_100K, "popularity").means()
    return ", ".join(f"{METRICS[metric].label} {means[metric]:.3f}" for metric in SHOWN)


def _counted(dataset: str, kind: str, **changes) -> Ranks:
    """The test ranks of a model that counts."""
    return evaluate(fit(parts(dataset), preset(kind).replace(**changes)).model, parts(dataset))


def chances() -> str:
    """What the chances of a list of ten add up to, and how often the film was in it."""
    rows = []
    for dataset in DATASETS:
        for kind in ("caser", "gru4rec", "sasrec", "convformer", "bert4rec"):
            trained = load(dataset, kind)
            if temperature := trained.metadata.temperature:
                without, held = (reliability(trained.model, parts(dataset), value) for value in (1.0, temperature))
                promised = [f"{one.promised:.1%}" for one in (without, held)]
                rows.append([f"`{trained.name}`", f"{temperature:.2f}", *promised, _right(held)])
    return table(
        ["lists of ten, test", "temperature", "promised without it", "promised", "right (95 % interval)"], rows
    )


def _right(held: Reliability) -> str:
    return f"{held.hit:.1%} ({held.low:.1%} to {held.high:.1%}){'' if held.holds else ': outside'}"


@cache
def _oracle() -> tuple[Ranks, float]:
    return oracle(cinema.generate(), parts(CINEMA))


def oracle_hits() -> str:
    """What the oracle hits in the test films as they were drawn."""
    ranks, _ = _oracle()
    low, high = ranks.intervals()["hr@10"]
    return f"{ranks.means()['hr@10']:.3f} ± {(high - low) / 2:.3f}"


def cinema_results() -> str:
    """Every shipped model of cinema beside the oracle, the best first."""
    _, expected = _oracle()
    rows = [("oracle (the simulator's own distribution), expected", expected, f"{expected:.3f}", "")]
    for kind in KINDS:
        if kind != NO_CINEMA_ROW:
            trained = load(CINEMA, kind)
            mean = over_seeds(trained, "hr@10")[0]
            rows.append((CHANGED.get(kind, LABELS[kind]), mean, said(trained, "hr@10"), how_many(trained)))
    best_first = sorted(rows, key=lambda row: -row[1])
    return table(
        ["model", "HR@10", "share of the oracle's", "seeds"],
        [[label, hits, f"{100 * mean / expected:.0f} %", seeds] for label, mean, hits, seeds in best_first],
    )


def level_counting() -> str:
    """What counting reaches on cinema without the order of a history."""
    hits = {kind: _counted(CINEMA, kind, **changes).means()["hr@10"] for kind, changes in LEVEL.items()}
    return ", ".join(f"{LABELS[kind]} {value:.3f}" for kind, value in hits.items())


def planted_filter() -> str:
    """Which filter of cinema's Caser has a planted pattern beyond chance."""
    trained = load(CINEMA, "caser")
    had = patterns(trained.model, parts(CINEMA), findings.of(trained, parts(CINEMA)).test)
    return "; ".join(
        f"filter {one.filter} has the {one.name.lower()} (held-out share {one.share:.0%}, as clear in "
        f"{round(one.chance * (SETS + 1)) - 1} of {SETS} random sets)".replace("%", " %")
        for one in had
        if one.filter
    )


def tied_neighbours() -> str:
    """The share of neighbouring ML-100K ratings with one time stamp."""
    return f"{100 * tie_shares(parts(ML_100K).dataset)[1]:.0f} %"
