"""What the chapter reports, and what its settings give here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from caser import checkpoint
from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, names
from caser.dashboard.lineup import contenders
from caser.dashboard.parts import chapter_rule
from caser.dashboard.table import table
from caser.dashboard.view import View
from caser.evaluation import METRICS, Ranks
from caser.field.effects import interval
from caser.field.entrants import kept_seeds, ranks_of
from caser.words import W

REPORTED = {"hr@50": 0.347, "auc": 0.883}  # printed by an earlier edition of the chapter
REPORTED_ON = "ml-100k"


def draw(view: View) -> None:
    """A table, and how its figures come about."""
    trained = loaders.of_the_chapter(view.dataset.name)
    if trained is None:
        command = f"{checkpoint.train_command(view.dataset.name, 'caser')} --preset chapter --seeds 5"
        st.info(f"Nothing on {names.dataset(view.dataset.name)} is trained with the chapter's settings: `{command}`.")
    rows = [*_printed(view.dataset.name), *(_measured(trained) if trained else ())]
    if rows:
        columns = ["What", "Trainings", *(METRICS[metric].label for metric in REPORTED)]
        table.show(table.plain(pd.DataFrame(rows, columns=columns), "What the chapter reports"), "reported")
    st.caption(
        "The chapter's figures are what an earlier edition printed, of one training. Its present edition leaves the "
        f"training out, since it took over an hour. Ours: the last {W.film} of each {W.viewer} is hidden and ranked "
        f"among all {W.films} not {W.watched}. ±: 95 % interval over trainings and {W.viewers}."
    )
    if trained is not None:
        chapter_rule(view, contenders([trained]))


def _printed(dataset: str) -> list[list[str]]:
    said = [METRICS[metric].said(value) for metric, value in REPORTED.items()]
    return [["The chapter", "1", *said]] if dataset == REPORTED_ON else []


def _measured(trained: Checkpoint) -> list[list[str]]:
    split = loaders.split(trained.metadata.dataset, trained.metadata.ties)
    trainings = list(kept_seeds(trained, split).values()) or [ranks_of(trained, split)]
    said = [_over(trainings, metric) for metric in REPORTED]
    return [[f"Its settings here ({trained.name})", str(len(trainings)), *said]]


def _over(trainings: Sequence[Ranks], metric: str) -> str:
    """The mean over trainings, and half the width of its interval."""
    mean, low, _ = interval(np.stack([ranks.metrics[metric] for ranks in trainings]))
    measure = METRICS[metric]
    return measure.said(mean) if np.isnan(low) else f"{measure.said(mean)} ± {measure.apart(mean - low)}"
