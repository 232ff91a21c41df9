"""Interactions as flat arrays, and the leave-last-out split."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from caser.data.checks import same_length, whole_numbers
from caser.data.text import plural
from caser.fields import named

CATALOGUE_COLUMNS = ("item_id", "title", "year", "genres")
URL = "url"  # in a catalogue of one's own only where it came with addresses; "" where an item has none
LINK_COLUMNS = ("imdb_id", "tmdb_id")  # in a catalogue only where the data set came with them
TIES = ("first", "last")
STAGES = ("validation", "test")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Interactions sorted by (user, time, file order), with dense ids 0..n-1.

    Attributes:
        name: e.g. "ml-100k".
        item: int64 (n,), dense item ids. timestamp: int64 (n,), seconds. rating: float32 (n,).
        offset: int64 (n_users + 1,); user u owns `item[offset[u] : offset[u + 1]]`.
        catalogue: one row for each dense item id: item_id (the data set's own: int, or str where they are no whole
            numbers), title, year (0 if unknown), genres (tuple of str, perhaps empty); where its source gives them
            also imdb_id and tmdb_id (0 if unknown), and any further columns of numbers or words.
        user_ids: int64 (n_users,), the data set's own user ids.
        simulated: True where no real person is behind a user.
        licence: one line to show wherever the data is shown.
        notes: sentences on what is amiss with its files, though they can be read; they do not change the checksum.
        user_names: each user's own id where those are no numbers; `user_ids` then count them in alphabetical order.
        finer: int32 (n,), nanoseconds within the second of `timestamp`; None where no time is finer than a second.
    """

    name: str
    item: np.ndarray
    timestamp: np.ndarray
    rating: np.ndarray
    offset: np.ndarray
    catalogue: pd.DataFrame
    user_ids: np.ndarray
    simulated: bool
    licence: str
    notes: tuple[str, ...] = ()
    user_names: tuple[str, ...] | None = None
    finer: np.ndarray | None = None

    @property
    def n_users(self) -> int:
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        return len(self.catalogue)

    @property
    def padding(self) -> int:
        """The id that stands for "no item" in a window: never sampled, ranked or explained."""
        return self.n_items

    def __len__(self) -> int:
        return len(self.item)

    @cached_property
    def item_ids(self) -> np.ndarray:
        """int64 or object (n_items,), the data set's own item ids: whole numbers or texts, in order."""
        ids = self.catalogue["item_id"]
        return ids.to_numpy(np.int64) if pd.api.types.is_integer_dtype(ids) else np.array(ids.tolist(), object)

    @property
    def has_words(self) -> bool:
        """Whether items' own ids are texts."""
        return self.item_ids.dtype == object

    @cached_property
    def _user_places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.user_names or ())}

    @cached_property
    def _item_places(self) -> dict[str, int]:
        """The dense ids of items by own ids that are texts."""
        return {own: item for item, own in enumerate(self.item_ids)}

    def item_id(self, item: int) -> int | str:
        """A dense item's own id."""
        own = self.item_ids[item]
        return own if isinstance(own, str) else int(own)

    def user_id(self, user: int) -> int | str:
        """A dense user's own id: a word where ids are words, else the number."""
        return self.user_names[user] if self.user_names else int(self.user_ids[user])

    @cached_property
    def names(self) -> list[str]:
        """Each item's title and year: "Star Wars (1977)"."""
        films = zip(self.catalogue["title"], self.catalogue["year"], strict=True)
        return [f"{title} ({year})" if year else title for title, year in films]

    @cached_property
    def labels(self) -> list[str]:
        """`names`, each made unique by the item's own id where several share one: "Chasing Amy (1997) · id 246"."""
        often = Counter(self.names)
        pairs = zip(self.names, self.item_ids, strict=True)
        return [f"{name} · id {own}" if often[name] > 1 else name for name, own in pairs]

    @cached_property
    def checksum(self) -> str:
        """Hex digest of who watched what in which order: two data sets are the same if it is."""
        digest = hashlib.blake2b(digest_size=16)
        item_ids = np.arange(1, self.n_items + 1) if self.has_words else self.item_ids
        for array in (self.user_ids, item_ids, self.offset, self.item, self.timestamp):
            digest.update(np.ascontiguousarray(array, dtype="<i8"))
        for texts in (self.user_names, self.item_ids if self.has_words else None):
            if texts is not None:
                digest.update("\n".join(texts).encode())
        if self.finer is not None:
            digest.update(np.ascontiguousarray(self.finer, dtype="<i4"))
        return digest.hexdigest()

    def user_index(self, user_id: int | str) -> int:
        """The dense index of the data set's own user id; ValueError names the range there is."""
        if self.user_names is not None:
            return self.find_user(str(user_id))
        place = _place(self.user_ids, user_id)
        if place is None:
            raise ValueError(
                f"no user {user_id} in {self.name}; its {self.n_users:,} user ids run "
                f"from {self.user_ids[0]} to {self.user_ids[-1]}"
            )
        return place

    def user_name(self, user: int) -> str:
        """The own id of a dense user as it is read: a word where ids are words, else the number."""
        return str(self.user_id(user))

    def find_user(self, text: str) -> int:
        """The dense index of a user by the id as somebody writes it: a number or, where ids are words, such a word;
        ValueError names an id that there is."""
        if text in self._user_places:
            return self._user_places[text]
        if self.user_names is None and text.isascii() and text.isdigit() and len(text) < 19:
            return self.user_index(int(text))
        such = self.user_names[0] if self.user_names else str(self.user_ids[0])
        raise ValueError(f"no user {text[:40]!r} in {self.name}; its {self.n_users:,} users have ids such as {such!r}")

    @cached_property
    def views(self) -> np.ndarray:
        """int64 (n_items,): how often each item was watched, the held-out ones included."""
        return np.bincount(self.item, minlength=self.n_items)

    @cached_property
    def digest(self) -> str:
        """Hex digest of all there is to show: who watched what, ratings, titles, years and genres."""
        digest = hashlib.blake2b(self.checksum.encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.rating))
        films = self.catalogue.assign(genres=self.catalogue["genres"].map("|".join))
        digest.update(pd.util.hash_pandas_object(films, index=False).to_numpy())
        return digest.hexdigest()

    def find_item(self, text: str) -> int:
        """The dense id of an item by its own id as somebody writes it; ValueError if there is none."""
        is_number = not self.has_words and re.fullmatch("-?[0-9]{1,18}", text)
        return self.item_index(int(text) if is_number else text)

    def item_index(self, item_id: int | str) -> int:
        """The dense id of the data set's own item id; ValueError if there is none."""
        place = self._item_places.get(item_id) if self.has_words else _place(self.item_ids, item_id)
        if place is None:
            raise ValueError(
                f"no item {str(item_id)[:40]} in {self.name}; its {self.n_items:,} item ids run "
                f"from {self.item_ids[0]} to {self.item_ids[-1]}"
            )
        return place

    @property
    def instant(self) -> np.ndarray:
        """int64 (n,): what interactions at the same time share: the second, or the nanosecond where one is known."""
        return self.timestamp if self.finer is None else self.timestamp * 10**9 + self.finer

    @cached_property
    def tied(self) -> np.ndarray:
        """bool (n,): whether an interaction shares its user and its time with the one before it."""
        return tied_with_previous(self.user_of_interaction(), self.instant)

    def user_of_interaction(self) -> np.ndarray:
        """int64 (n,): the dense user of every interaction."""
        return np.repeat(np.arange(self.n_users), np.diff(self.offset))


def _place(ids: np.ndarray, wanted: int) -> int | None:
    """Where an id is in a sorted array; None if it is not there."""
    if isinstance(wanted, bool) or not isinstance(wanted, (int, np.integer)):
        return None
    at = int(np.searchsorted(ids, wanted))
    return at if at < len(ids) and ids[at] == wanted else None


def tied_with_previous(users: np.ndarray, times: np.ndarray) -> np.ndarray:
    """bool (n,): the rule of ties in time: whether a row shares user and time with the row before it.

    Raises:
        ValueError: the lengths differ.

    >>> tied_with_previous(np.array([1, 1, 1, 2]), np.array([5, 5, 6, 6])).tolist()
    [False, True, False, False]
    """
    same_length(users=users, times=times)
    tied = np.zeros(len(users), bool)
    tied[1:] = (users[1:] == users[:-1]) & (times[1:] == times[:-1])
    return tied


def from_interactions(
    name: str,
    user: np.ndarray,
    item: np.ndarray,
    timestamp: np.ndarray,
    rating: np.ndarray,
    catalogue: pd.DataFrame,
    *,
    simulated: bool = False,
    licence: str = "",
    notes: Sequence[str] = (),
    finer: np.ndarray | None = None,
) -> Dataset:
    """A Dataset from rows in file order, which need not be sorted, with the source's own ids.

    Args:
        user, item, timestamp: integer (n,). rating: float (n,). finer: int32 (n,), as of a `Dataset`, or None.
        catalogue: columns item_id, title, year, genres (tuples), and perhaps imdb_id and tmdb_id; films nobody rated
            are left out.

    Raises:
        ValueError: no rows, columns of different lengths, ids or times that are not whole numbers, a rating that is
            not finite, a film that the catalogue lacks or has twice, or a catalogue with a column missing or of
            another kind. The message names the value.
    """
    same_length(user=user, item=item, timestamp=timestamp, rating=rating)
    if len(user) == 0:
        raise ValueError(f"{name} has no interactions; check that its rating file is complete")
    user_ids, user = _dense(whole_numbers("the column 'user'", user))
    item_ids, item = _dense(whole_numbers("the column 'item'", item))
    timestamp = whole_numbers("the column 'timestamp'", timestamp).astype(np.int64, copy=False)
    order = _by_user_and_time(user, timestamp if finer is None else timestamp * 10**9 + finer)
    return Dataset(
        name=name,
        item=item[order].astype(np.int64),
        timestamp=timestamp[order],
        rating=_checked_ratings(rating)[order],
        offset=np.concatenate([[0], np.cumsum(np.bincount(user, minlength=len(user_ids)))]).astype(np.int64),
        catalogue=_rated_films(name, catalogue, item_ids),
        user_ids=user_ids.astype(np.int64),
        simulated=simulated,
        licence=licence,
        notes=tuple(notes),
        finer=None if finer is None else finer[order],
    )


def _rated_films(name: str, catalogue: pd.DataFrame, item_ids: np.ndarray) -> pd.DataFrame:
    """The catalogue's rows of the rated films, in the order of their ids."""
    _check_catalogue(name, catalogue)
    rows = catalogue.set_index("item_id", drop=False)
    unknown = item_ids[~np.isin(item_ids, rows.index)]
    if len(unknown):
        raise ValueError(f"{name} rates item {unknown[0]}, which its film list lacks; fetch both files together")
    columns = [*CATALOGUE_COLUMNS, *(column for column in rows if column not in CATALOGUE_COLUMNS)]
    return rows.loc[item_ids, columns].reset_index(drop=True)


def _check_catalogue(name: str, catalogue: pd.DataFrame) -> None:
    missing = [column for column in CATALOGUE_COLUMNS if column not in catalogue]
    if missing:
        raise ValueError(f"the film list of {name} has no column {missing[0]!r}; give {', '.join(CATALOGUE_COLUMNS)}")
    for column in ("item_id", "year", *LINK_COLUMNS):
        if column in catalogue:
            whole_numbers(f"the column {column!r} of {name}'s film list", catalogue[column])
    twice = catalogue["item_id"][catalogue["item_id"].duplicated()]
    if len(twice):
        raise ValueError(f"the film list of {name} has item {twice.iat[0]} twice; leave one of the two rows out")
    for column, kind in (("title", str), ("genres", tuple)):
        wrong = next((i for i, value in enumerate(catalogue[column]) if not isinstance(value, kind)), None)
        if wrong is not None:
            raise ValueError(
                f"the {column} of item {catalogue['item_id'].iat[wrong]} of {name} is "
                f"{catalogue[column].iat[wrong]!r}; give a {kind.__name__}"
            )


def _checked_ratings(rating) -> np.ndarray:
    """float32 (n,); ValueError names the first row whose rating is no number."""
    ratings = np.asarray(rating)
    if ratings.ndim != 1 or ratings.dtype.kind not in "iuf":
        raise ValueError(f"the ratings are {ratings.dtype} of shape {ratings.shape}; give one number for each row")
    wrong = np.flatnonzero(~np.isfinite(ratings))
    if len(wrong):
        raise ValueError(f"the rating of row {wrong[0]} is {ratings[wrong[0]]}; give a number, or leave the row out")
    return ratings.astype(np.float32, copy=False)


def _dense(ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sorted distinct ids, and each id's index among them."""
    low, span = int(ids.min()), int(ids.max()) - int(ids.min()) + 1
    if span > 2 * len(ids) + 1_000_000:
        return np.unique(ids, return_inverse=True)
    at = ids.astype(np.int64) - low  # a table of the range is several times faster than sorting
    present = np.zeros(span, dtype=bool)
    present[at] = True
    return np.flatnonzero(present) + low, (np.cumsum(present, dtype=np.int32) - 1)[at]


def _by_user_and_time(user: np.ndarray, timestamp: np.ndarray) -> np.ndarray:
    """The order by user, then time, then place in the file."""
    low, span = int(timestamp.min()), int(timestamp.max()) - int(timestamp.min()) + 1
    if (int(user.max()) + 1) * span >= 1 << 63:
        return np.lexsort((timestamp, user))
    return np.argsort(user.astype(np.int64) * span + (timestamp - low), kind="stable")  # one key sorts faster


class TooShort(ValueError):
    """A data set in which nobody's history is long enough to hold anything out."""


@dataclass(frozen=True, eq=False)
class Split:
    """Leave-last-out: every user's row ends with the validation target, then the test target.

    The test target is the user's most recent interaction, the validation target the most recent
    of what is left. Among interactions tied at that time `ties="first"` takes the first in file
    order (the source chapter's rule), `"last"` the last. A user with fewer than three interactions
    is trained on and never evaluated.

    Attributes:
        item, timestamp, instant: int64 (n,), the data set's, with the targets moved to each row's end.
        evaluated: int64, the users that have targets.
    """

    dataset: Dataset
    ties: str
    item: np.ndarray
    timestamp: np.ndarray
    evaluated: np.ndarray
    instant: np.ndarray

    def end(self, stage: str) -> np.ndarray:
        """int64 (n_users,): where each user's visible history ends at a stage (exclusive).

        For an evaluated user this is also the position of the stage's target. ValueError for another stage than
        "validation" and "test".
        """
        named("stage", stage, STAGES)
        end = self.dataset.offset[1:].copy()
        end[self.evaluated] -= len(STAGES) - STAGES.index(stage)
        return end

    def target(self, stage: str) -> np.ndarray:
        """int64 (n_evaluated,): the held-out items of a stage."""
        return self.item[self.end(stage)[self.evaluated]]

    def history(self, user: int, stage: str = "test") -> np.ndarray:
        """int64: a dense user's items before the stage's target, oldest first; ValueError if there is no such user."""
        if not 0 <= user < self.dataset.n_users:
            raise ValueError(f"no user {user} among {self.dataset.n_users}; give a dense id from 0")
        return self.item[self.dataset.offset[user] : self.end(stage)[user]]


def split(dataset: Dataset, ties: str = "first") -> Split:
    """Hold out every user's last two interactions; see `Split` for the rule on ties.

    Raises:
        TooShort: no user has three interactions.
        ValueError: an unknown rule on ties.
    """
    if ties not in TIES:
        raise ValueError(f"ties is {ties!r}; choose one of {', '.join(TIES)}")
    evaluated = np.flatnonzero(np.diff(dataset.offset) > len(STAGES))
    if not len(evaluated):
        raise TooShort(
            f"no user of {dataset.name} has three interactions: one to learn from, one for validation, one for the "
            "test; so no model can be trained or compared on it. Take a data set with longer histories"
        )
    order = np.arange(len(dataset))
    for stage in reversed(STAGES):
        _move_target(order, dataset, evaluated, ties, held=len(STAGES) - 1 - STAGES.index(stage))
    timestamp = dataset.timestamp[order]
    instant = timestamp if dataset.finer is None else dataset.instant[order]
    return Split(dataset, ties, dataset.item[order], timestamp, evaluated, instant)


def _move_target(order: np.ndarray, dataset: Dataset, users: np.ndarray, ties: str, held: int) -> None:
    """Move each user's target to the end of what is left once `held` targets are there already."""
    last = dataset.offset[users + 1] - 1 - held
    if ties == "last":
        return  # the rows end with it already
    tied = tied_with_previous(dataset.user_of_interaction(), dataset.instant[order])
    first = np.maximum.accumulate(np.where(tied, 0, np.arange(len(order))))[last]
    shift = np.zeros(len(order), dtype=np.int8)  # what lies between moves up by one
    np.add.at(shift, first, 1)
    np.add.at(shift, last, -1)
    source = np.arange(len(order)) + np.cumsum(shift, dtype=np.int8)
    source[last] = first
    order[:] = order[source]


def tie_shares(dataset: Dataset) -> tuple[float, float]:
    """How often times are shared: of users with two items and more, those whose last is tied with another; of
    neighbouring items, those watched at the same time."""
    lengths = np.diff(dataset.offset)
    last = dataset.offset[1:][lengths > 1] - 1
    neighbours = max(int(np.maximum(lengths - 1, 0).sum()), 1)
    return float(dataset.tied[last].mean()) if len(last) else 0.0, float(dataset.tied.sum() / neighbours)


def evenly(ids: np.ndarray, most: int) -> np.ndarray:
    """(at most `most`, but one,) of the ids, evenly drawn along their order.

    >>> evenly(np.arange(9), 3).tolist(), evenly(np.arange(2), 3).tolist()
    ([0, 4, 8], [0, 1])
    """
    return ids if len(ids) <= most else ids[np.linspace(0, len(ids) - 1, max(1, most)).astype(int)]


def statistics(dataset: Dataset, noun: str = "film") -> dict[str, float | int]:
    """What to know of a data set at a glance, by the words to show it with; `noun` is what one item is."""
    lengths = np.diff(dataset.offset)
    at_the_end, neighbours = tie_shares(dataset)
    return {
        "users": dataset.n_users,
        plural(noun): dataset.n_items,
        "interactions": len(dataset),
        "density": round(len(dataset) / (dataset.n_users * dataset.n_items), 5),
        "shortest history": int(lengths.min()),
        "median history": float(np.median(lengths)),
        "longest history": int(lengths.max()),
        "users too short to evaluate": int((lengths <= len(STAGES)).sum()),
        "neighbours tied in time": round(neighbours, 4),
        "users tied at their last time": round(at_the_end, 4),
    }
