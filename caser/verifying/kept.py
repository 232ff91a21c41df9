"""Figures that follow from what checkpoints keep, without the data: test ranks of every seed, validation, filters."""

from __future__ import annotations

from collections.abc import Sequence

from caser import findings
from caser.checkpoint import CheckpointError
from caser.evaluation import METRICS
from caser.field.standings import Standings, standings
from caser.field.verdict import listed, p_said
from caser.verifying.shipped import CINEMA, KINDS, LABELS, ML_100K, entrant, how_many, load, over_seeds, said, table

SHOWN = ("hr@10", "hr@50", "ndcg@10", "mrr", "auc")
FIELD = ("caser", "gru4rec", "sasrec", "covisit", "mf")  # whose pairs a p-value is corrected for
OWN = ("caser", "convformer")  # set in bold
LONGER = {"ease": "EASE, recent films weigh more", "covisit": "covisit: counting what is watched near what"}


def ml_100k_results() -> str:
    """Every metric of every shipped model of ML-100K."""
    rows = []
    for kind in KINDS:
        trained, label = load(ML_100K, kind), LONGER.get(kind, LABELS[kind])
        label = f"**{label}**" if kind in OWN else label
        rows.append([label, *(said(trained, metric) for metric in SHOWN), how_many(trained)])
    return table(["model", *(METRICS[metric].label for metric in SHOWN), "seeds"], rows)


def users() -> str:
    return f"{len(load(ML_100K, 'caser').ranks.users)} users"


def both_users() -> str:
    return f"{len(load(ML_100K, 'caser').ranks.users)} and {len(load(CINEMA, 'caser').ranks.users)} viewers"


def interval() -> str:
    """Half of the widest interval of a single model."""
    bounds = [load(ML_100K, kind).ranks.intervals()["hr@10"] for kind in KINDS]
    return f"± {max(high - low for low, high in bounds) / 2:.2f}"


def counting_has() -> str:
    """What counting has of Caser's lead over MF in HR@50."""
    mf, covisit, caser = (over_seeds(load(ML_100K, kind), "hr@50")[0] for kind in ("mf", "covisit", "caser"))
    return f"{(covisit - mf) / (caser - mf):.0%}".replace("%", " %")


def caser_compared() -> str:
    return compared("caser", ["gru4rec", "sasrec"], ("hr@10", "ndcg@10", "hr@50"), FIELD)


def convformer_compared() -> str:
    return compared("convformer", ["caser", "gru4rec", "sasrec"], ("ndcg@10",), (*FIELD, "convformer"))


def compared(kind: str, others: Sequence[str], metrics: Sequence[str], field: Sequence[str]) -> str:
    """One model minus others on some metrics, p-values corrected for all pairs of `field`; after a verb."""
    placed = {metric: standings([entrant(ML_100K, one) for one in field], metric) for metric in metrics}
    return listed(
        [
            _apart(table, LABELS[kind], LABELS[other], at == 0)
            for table in placed.values()
            for at, other in enumerate(others)
        ]
    )


def _apart(table: Standings, name: str, other: str, first: bool) -> str:
    """How far a model is from another, with the metric where it is the first of that metric."""
    test = table.pair(name, other).decisive
    side = "below" if test.difference < 0 else "above"
    of = f" of {table.metric.label}" if first else ""
    short = other.partition(" `")[0]
    return f"{table.metric.apart(test.difference)}{of} {side} {short} ({p_said(test.p_corrected)})"


def convformer_leads() -> str:
    """The columns of the table in which ConvFormer has the highest mean."""
    best = {metric: max(KINDS, key=lambda kind: over_seeds(load(ML_100K, kind), metric)[0]) for metric in SHOWN}
    return listed([METRICS[metric].label for metric in SHOWN if best[metric] == "convformer"])


def gru4rec_validation() -> str:
    return METRICS["ndcg@10"].said(load(ML_100K, "gru4rec").metadata.validation["ndcg@10"])


def validation_easier() -> str:
    """By how much the shipped Caser hits more often on validation than on test."""
    trained = load(ML_100K, "caser")
    return f"{100 * (trained.metadata.validation['hr@10'] - trained.ranks.means()['hr@10']):.0f} points"


def filters_again() -> str:
    return filters_of("caser")


def seed_filters_again() -> str:
    return filters_of("caser-seed")


def filters_of(kind: str) -> str:
    """How many filters come back in every other training, beside random ones, and how alike they are together."""
    trained = load(ML_100K, kind)
    found = findings.load(trained)
    other = found and found.stability
    if not (other and other.mixtures and other.directions):
        raise CheckpointError(f"the findings of {trained.name} are not beside it; unset CASER_CHECKPOINT_DIR")
    random = other.mixtures, other.directions
    mixtures, directions = (f"{chance.always.mean():.0f}" for chance in random)
    alike = [f"{one.space.mean():.2f}".lstrip("0") for one in (other, *random)]
    return (
        f"{other.always} of {len(other.filters)} come back in each of {other.others} other trainings (r > .5; random "
        f"mixtures {mixtures}, random directions {directions}), and all together have a CKA of {alike[0]} "
        f"({alike[1]}, {alike[2]})"
    )
