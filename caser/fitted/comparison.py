"""Models side by side: a frame, a sentence, and the report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from caser import report, words
from caser.data.dataset import Split
from caser.data.source import Source
from caser.field.standings import Standings
from caser.field.verdict import verdict
from caser.picture import page


@dataclass(frozen=True, eq=False)
class Comparison:
    """Models under one protocol; in a notebook it shows itself as the report that `python -m caser report` writes.

    Attributes:
        entries: of the report, as given. standings: the best first, with a test of every pair. split: what they were
            tested on. source: what the data are called.
    """

    entries: tuple[report.Entry, ...]
    standings: Standings
    split: Split
    source: Source

    @property
    def verdict(self) -> str:
        """Who is best and who is too close to call, in a sentence."""
        with words.speaking(self.source.noun):
            return f"{verdict(self.standings)}."

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each model, by its name, the best first: the metric's mean, low and high of its 95 % interval, how
        many trainings it rests on, and p, of the test against the best, corrected for all pairs (Holm); nan for it."""
        first, metric = self.standings.rows[0].name, self.standings.metric.label
        rows = [
            (row.mean, row.low, row.high, max(1, len(row.trainings)), self._p_value(first, row.name))
            for row in self.standings.rows
        ]
        index = pd.Index([row.name for row in self.standings.rows], name="model")
        return pd.DataFrame(rows, index, [metric, "low", "high", "trainings", "p"])

    def _p_value(self, first: str, other: str) -> float:
        return np.nan if first == other else self.standings.pair(first, other).decisive.p_corrected

    def _repr_html_(self) -> str:
        whole = report.html(self.entries, self.split, self.standings.metric.name, self.source)
        return page.framed(whole, "The comparison")
