"""Why an item has its score: a frame, and the chart of the Recommend page."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from caser import words
from caser.dashboard import names
from caser.dashboard.figures.recommend import score as figures
from caser.explain.explanation import Explanation
from caser.handout.reason import NETWORK, OWN, user_part
from caser.models import ANONYMOUS
from caser.words import spoken


@dataclass(frozen=True, eq=False)
class Reason:
    """Why an item has its score; in a notebook it shows itself as the chart of the Recommend page.

    Attributes:
        explanation: all that is known. noun: what one item is.
    """

    explanation: Explanation
    noun: str

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each part of the score: part, and value, in units of the score.

        Where a score is a sum of parts, its values add up to it; else there is one for each item read: its Shapley
        value, what the score loses without it on average over every way to leave items out.
        """
        with words.speaking(self.noun):
            steps = self._steps() if self.explanation.contributions else self._worth()
        return pd.DataFrame({"part": [*steps], "value": [*steps.values()]})

    @property
    def figure(self) -> go.Figure:
        """The waterfall of the parts that add up to the score, or the bars of the Shapley values."""
        why = self.explanation
        with words.speaking(self.noun):
            if not why.contributions:
                return figures.shapley(why.shapley, self._films(), why.item.title)
            steps = self._steps()
            title = figures.contribution_title(steps, why.contributions.total)
            return figures.waterfall(steps, why.item.title, title)

    def _films(self) -> list[str]:
        return [film.title if film else names.no_film() for film in self.explanation.films]

    def _steps(self) -> dict[str, float]:
        anonymous = self.explanation.user == ANONYMOUS
        called = {"user": user_part(anonymous), "network": NETWORK, "constant": spoken(OWN)}
        return figures.contribution_steps(self.explanation.contributions.printed, self._films(), called)

    def _worth(self) -> dict[str, float]:
        films = zip(
            names.positions(self._films()), self.explanation.films, self.explanation.shapley.values, strict=True
        )
        return {place: value for place, film, value in films if film}

    def _repr_html_(self) -> str:
        return self.figure._repr_html_()
