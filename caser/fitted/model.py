"""A trained model beside its data: lists, reasons, likeness and figures as frames."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from caser import findings, recommend, words
from caser.checkpoint import Checkpoint
from caser.data.dataset import Dataset, Split
from caser.data.source import Source
from caser.data.titles import TitleIndex
from caser.evaluation import METRICS
from caser.explain import explanation
from caser.explain.film_map import film_vectors, similar
from caser.explain.filters import has_convolutions, horizontal_name
from caser.explain.preferences import often_watched
from caser.field.entrants import ranks_of
from caser.fitted.reason import Reason
from caser.listing.narrowing import narrowing
from caser.models import ANONYMOUS
from caser.picture import page
from caser.words import W, spoken

History = Sequence[str | int] | str


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A trained model beside the data it was trained on; in a notebook it shows itself.

    A history is given as titles or own ids of the data, the oldest first; the model reads the last `L`.

    Attributes:
        trained: weights, settings, and where every test item was ranked. split: what it learnt from, and the rest.
        source: what the data are called, and their licence.
    """

    trained: Checkpoint
    split: Split
    source: Source

    @property
    def name(self) -> str:
        return self.trained.name

    @property
    def dataset(self) -> Dataset:
        return self.split.dataset

    @cached_property
    def _titles(self) -> TitleIndex:
        return TitleIndex(self.dataset, self.source.noun)

    def recommend(
        self,
        history: History | None = None,
        *,
        user: str | int | None = None,
        k: int = 10,
        again: bool = False,
        variety: float = 0.0,
        without: Sequence[str | int] = (),
        **conditions,
    ) -> pd.DataFrame:
        """What comes next after a history, or for a user of the data.

        Args:
            history: of somebody without a row in the data. user: own id of one with a row; the test item is held out.
            k: the longest list. again: also list what the history holds.
            variety: 0 for the best to 1 for items as unlike as can be. without: titles or own ids that are not wanted.
            conditions: genres, not_genres, years, viewers and columns, as `caser.listing.narrowing.narrowing` takes
                them: `genres=["Comedy"], years="1980-1989"`.

        Returns:
            A row for each item, the best first: rank (from 1), item_id, title, year (0 if unknown), genres, score (of
            which only the order means anything) and, from a model trained to give chances, chance (0 to 1). Of a list
            with conditions or variety also rank_of_all.

        Raises:
            ValueError: neither or both of history and user, one that is not in the data, a k below 1, a condition that
                cannot be, or nothing left to list.
        """
        who, items = self._visitor(history, user)
        temperature = self.trained.metadata.temperature
        with words.speaking(self.source.noun):
            narrowed = narrowing(self.dataset, without=map(self._item, without), **conditions)
            vectors = film_vectors(self.trained.model) if variety else None
            listed = recommend.recommend(
                self.trained.model, self.dataset, who, items, k, again, temperature, narrowed, variety, vectors
            )
        return listed.reset_index(drop=True)

    def explain(self, item: str | int, history: History | None = None, *, user: str | int | None = None) -> Reason:
        """Why an item has its score after a history, or for a user; arguments and errors as of `recommend`."""
        who, items = self._visitor(history, user)
        why = explanation.explain(self.trained.model, self.dataset, who, items, self._item(item))
        return Reason(why, self.source.noun)

    def similar(self, item: str | int, k: int = 10) -> pd.DataFrame:
        """The items whose learnt vectors are most alike, the most alike first.

        Items rarely seen kept much of their random start and are left out, unless nearly all are rare.

        Returns:
            rank, item_id, title, year, genres and cosine (-1 to 1), at most k rows.

        Raises:
            ValueError: an item that is not in the data, or a model without vectors of items.
        """
        among = often_watched(self.split)
        return similar(self.trained.model, self.dataset, self._item(item), k, among).reset_index(drop=True)

    def evaluate(self) -> pd.DataFrame:
        """How often the held-out test items are found, among everything their users had not seen.

        Returns:
            A row for each metric, by its label: mean, and low and high of its 95 % bootstrap interval over users (all 0
            to 1), and users, for how many it is defined.
        """
        ranks = ranks_of(self.trained, self.split)
        means, intervals, left_out = ranks.means(), ranks.intervals(), ranks.undefined()
        rows = [(means[name], *intervals[name], len(ranks.users) - left_out.get(name, 0)) for name in METRICS]
        index = pd.Index([metric.label for metric in METRICS.values()], name="metric")
        return pd.DataFrame(rows, index, ["mean", "low", "high", "users"])

    @property
    def _label(self) -> str:
        return type(self.trained.model).label

    def _item(self, item: str | int) -> int:
        """The dense id of an item given by title or own id; a number is an id."""
        return self._titles.find(item) if isinstance(item, str) else self.dataset.item_index(item)

    def _visitor(self, history: History | None, user: str | int | None) -> tuple[int, list[int]]:
        """The dense user, or ANONYMOUS, and the dense items before the test item, the oldest first."""
        if (history is None) == (user is None):
            raise ValueError("give either a history, such as a list of titles, or user=, an id of the data")
        if user is not None:
            who = self.dataset.find_user(str(user))
            return who, self.split.history(who, "test").tolist()
        listed = [history] if isinstance(history, str) else history
        return ANONYMOUS, [self._item(item) for item in listed]

    def __repr__(self) -> str:
        return f"<{self._label} {self.name!r} of {self.dataset.n_items:,} items and {self.dataset.n_users:,} users>"

    def _repr_html_(self) -> str:
        """The living picture of a Caser, of the first user with a test item; of other models how good they are."""
        with words.speaking(self.source.noun):
            if has_convolutions(self.trained.model):
                return self._picture()._repr_html_()
            about = f"{self._label} {spoken(type(self.trained.model).summary)}"
            return f"<p><b>{html.escape(self.name)}</b>: {html.escape(about)}</p>{self.evaluate().to_html()}"

    def _picture(self) -> page.Page:
        user = int(self.split.evaluated[0])
        result = findings.load(self.trained)
        filters = result.names(self.split).items() if result else ()
        return page.show(
            self.trained,
            self.split,
            user,
            self.split.history(user).tolist(),
            f"{W.viewer} {self.dataset.user_name(user)}",
            target=int(self.split.item[self.split.end("test")[user]]),
            names={horizontal_name(*place): name.text for place, name in filters if name.named},
        )
