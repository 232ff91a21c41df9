"""The checkpoints that the program comes with, and what their trainings reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np

from caser import checkpoint
from caser.checkpoint import Checkpoint
from caser.data.dataset import Split
from caser.evaluation import Ranks
from caser.experiment import split_of
from caser.field.entrants import Entrant
from caser.files import places

KINDS = ("mf", "neumf", "ease", "covisit", "caser-seed", "bert4rec", "caser", "sasrec", "gru4rec", "convformer")
DATASETS = ML_100K, CINEMA = "ml-100k", "cinema"
LABELS = {
    "mf": "MF (BPR)",
    "neumf": "NeuMF",
    "ease": "EASE",
    "covisit": "covisit",
    "caser-seed": "Caser `chapter`",
    "caser": "Caser `tuned`",
    "bert4rec": "BERT4Rec",
    "sasrec": "SASRec",
    "gru4rec": "GRU4Rec",
    "convformer": "ConvFormer",
}


@cache
def load(dataset: str, kind: str) -> Checkpoint:
    """The shipped checkpoint, whatever else is trained here under its name; CheckpointError if it is not there."""
    return checkpoint.load(places.shipped() / "checkpoints" / f"{dataset}-{kind}")


@cache
def parts(dataset: str) -> Split:
    """The split that the shipped models of a data set share; ValueError where the data is another or not here."""
    return split_of(load(dataset, KINDS[0]).metadata)


def trainings(trained: Checkpoint) -> list[Ranks]:
    """The test ranks of every training with its settings whose ranks are kept; its own at least."""
    return list(trained.seeds.values()) or [trained.ranks]


def over_seeds(trained: Checkpoint, metric: str) -> tuple[float, float | None]:
    """The mean of a metric over its trainings, and their standard deviation; None for one."""
    means = [ranks.means()[metric] for ranks in trainings(trained)]
    return float(np.mean(means)), float(np.std(means, ddof=1)) if len(means) > 1 else None


def said(trained: Checkpoint, metric: str) -> str:
    """A metric's mean over trainings and its standard deviation, as a cell of a table."""
    mean, spread = over_seeds(trained, metric)
    return f"{mean:.3f}" if spread is None else f"{mean:.3f} ± {spread:.3f}"


def how_many(trained: Checkpoint) -> str:
    """How many trainings a mean is over, as a cell of a table."""
    return str(len(trainings(trained))) if trained.model.learns else "counted"


def entrant(dataset: str, kind: str) -> Entrant:
    """A shipped model to be compared, by its label."""
    trained = load(dataset, kind)
    name = trained.metadata.config.model.name
    return Entrant(LABELS[kind], name, trained.ranks, trained.seeds, trained.model.learns)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table on lines of its own.

    >>> print(table(["model", "HR@10"], [["MF", "0.136"]]).strip())
    | model | HR@10 |
    |---|---|
    | MF | 0.136 |
    """
    lines = [f"| {' | '.join(cells)} |" for cells in (header, *rows)]
    return "\n".join(["", lines[0], "|" + "---|" * len(header), *lines[1:], ""])
