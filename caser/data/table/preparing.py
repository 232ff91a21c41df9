"""What is read becomes a data set: rows filtered step by step, checked, and ids given numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from caser import fields as configured
from caser.data.dataset import Dataset, from_interactions
from caser.data.table.items import catalogue
from caser.data.table.opening import Opened, TableError
from caser.data.table.reading import Interactions
from caser.data.table.times import SECOND

LICENCE = "data of your own, kept on this machine alone"
SHORTEST = 3  # interactions of a user that anything is held out of
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")  # an id that can be kept as a number, written in one way only
_FILTERED = 0.65  # of the time that preparing takes, as measured with ten million rows
_NOUN = re.compile(r"[^\W\d_][\w -]{0,29}")


@dataclass(frozen=True)
class Settings:
    """What becomes of the rows; ValueError names a value out of its bounds."""

    lowest: float = configured.number(-1e9, -1e9, 1e9, "rows with a lower rating are left out")
    repeats: str = configured.choice(
        "first",
        ("first", "last", "kept"),
        "of the interactions of one user with one item the first, the last, or all are kept; where all are kept a "
        "repeated item is ranked among the unseen ones, and lists do not offer what was seen",
    )
    sample: int = configured.number(0, 0, 10**9, "number of users to draw at random; 0 keeps all")
    k_core: int = configured.number(1, 1, 10_000, "users and items with fewer interactions are left out")
    bad_share: float = configured.number(0.01, 0.0, 1.0, "the share of rows that may be unreadable")
    noun: str = "item"

    def __post_init__(self) -> None:
        configured.check(self)
        if not _NOUN.fullmatch(self.noun):
            raise ValueError(f"noun is {self.noun[:40]!r}; give what one item is, such as film, book or product")


@dataclass(frozen=True)
class Step:
    """How much is left after something was done."""

    label: str
    rows: int
    users: int
    items: int


@dataclass(frozen=True)
class Prepared:
    """A data set that can be kept, what each step left of the file, and sentences on what is amiss."""

    dataset: Dataset
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    noun: str


def prepare(
    name: str,
    events: Interactions,
    settings: Settings,
    items: Opened | None = None,
    on_share: Callable[[float], None] | None = None,
) -> Prepared:
    """A data set of somebody's own.

    Args:
        name: the data set's. items: the table of the items, if there is one.
        on_share: called with about how much is done, 0 to 1; an exception it raises ends the work.

    Raises:
        TableError: too many rows that cannot be read, nothing left, one user, one item, or nobody with a history long
            enough to hold anything out.
    """
    notes = [*events.notes, *_unreadable(events, settings.bad_share)]
    tell = on_share or (lambda share: None)
    rows, steps = _filtered(events, settings, lambda share: tell(_FILTERED * share))
    _require_some(events.name, events.user[rows], events.item[rows])
    notes += _amiss(events, rows)
    dataset = _dataset(name, events, rows, settings, items, notes)
    tell(1.0)
    return Prepared(dataset, tuple(steps), dataset.notes, settings.noun)


def _dataset(
    name: str, events: Interactions, rows: np.ndarray, settings: Settings, items: Opened | None, notes: list[str]
) -> Dataset:
    """The rows left, under numbers for ids."""
    user, item = events.user[rows], events.item[rows]
    users, user_numbers = _numbered(events.users, user)
    kept_items, item_numbers = _numbered(events.items, item)
    texts = [events.items[code] for code in kept_items]
    titles = [events.titles[code] for code in kept_items] if events.titles else None
    table, said = catalogue(texts, titles, items, settings.noun, settings.bad_share)
    table.insert(0, "item_id", item_numbers[kept_items])
    dataset = from_interactions(
        name,
        user_numbers[user],
        item_numbers[item],
        np.arange(len(rows)) if events.time is None else events.time[rows] // SECOND,
        np.ones(len(rows), np.float32) if events.rating is None else events.rating[rows],
        table,
        licence=LICENCE,
        notes=(*notes, *said),
        finer=None if events.time is None else _finer(events.time[rows]),
    )
    if not _are_numbers(events.items):
        dataset = replace(dataset, catalogue=dataset.catalogue.assign(item_id=np.array(texts, object)))
    if not _are_numbers(events.users):
        dataset = replace(dataset, user_names=tuple(events.users[code] for code in users))
    return dataset


def _finer(time: np.ndarray) -> np.ndarray | None:
    """int32 (n,), the nanoseconds within each second; None where all times are whole seconds."""
    finer = (time % SECOND).astype(np.int32)
    return finer if finer.any() else None


def _unreadable(events: Interactions, share: float) -> list[str]:
    if not events.bad:
        return []
    said = f"{events.bad:,} of {events.rows:,} rows ({events.bad / events.rows:.1%}) cannot be read"
    said = f"{events.name}: {said}: {'; '.join(events.problems)}"
    if events.bad / events.rows > share:
        raise TableError(
            f"{said}. More than {share:.1%} is refused: repair the file, choose other columns, or allow a larger share"
        )
    return [f"{said}. They are left out."]


# ---- filters


def _filtered(events: Interactions, settings: Settings, tell: Callable[[float], None]) -> tuple[np.ndarray, list[Step]]:
    """int64, the rows that are left, by time; and what each step left."""
    rows = np.arange(len(events.user)) if events.time is None else np.argsort(events.time, kind="stable")
    steps = [_step("rows that can be read", events, rows)]
    changes = list(_changes(events, settings))
    for label, change in changes:
        tell(len(steps) / (1 + len(changes)))
        rows = change(rows)
        steps.append(_step(label, events, rows))
    tell(1.0)
    return rows, steps


def _changes(events: Interactions, settings: Settings) -> Iterator[tuple[str, object]]:
    """The changes that the settings ask for, each with its label."""
    lowest = next(f.default for f in fields(Settings) if f.name == "lowest")
    if settings.lowest > lowest:
        if events.rating is None:
            raise TableError(
                f"{events.name}: lowest is {settings.lowest:g}, and no column is known to be the rating; name it with "
                "--rating, or leave lowest out"
            )
        yield f"rated {settings.lowest:g} or more", lambda rows: rows[events.rating[rows] >= settings.lowest]
    label = {"first": "first interactions only", "last": "last interactions only", "kept": "without exact duplicates"}
    yield label[settings.repeats], lambda rows: _without_repeats(events, rows, settings.repeats)
    if settings.sample:
        yield f"{settings.sample:,} users at random", lambda rows: _sampled(events, rows, settings.sample)
    if settings.k_core > 1:
        yield (
            f"at least {settings.k_core} of every user and item",
            lambda rows: _core(events, rows, settings.k_core),
        )


def _step(label: str, events: Interactions, rows: np.ndarray) -> Step:
    return Step(label, len(rows), *(np.count_nonzero(np.bincount(ids[rows])) for ids in (events.user, events.item)))


def _without_repeats(events: Interactions, rows: np.ndarray, which: str) -> np.ndarray:
    key = events.user[rows].astype(np.int64) * len(events.items) + events.item[rows]
    if which != "kept":
        return rows[~pd.Series(key).duplicated(keep=which).to_numpy()]
    if events.time is None:
        return rows
    pairs = pd.DataFrame({"key": key, "time": events.time[rows]})
    return rows[~pairs.duplicated().to_numpy()]


def _sampled(events: Interactions, rows: np.ndarray, n: int) -> np.ndarray:
    users = np.unique(events.user[rows])
    drawn = np.zeros(len(events.users), bool)
    drawn[np.random.default_rng(0).choice(users, min(n, len(users)), replace=False)] = True
    return rows[drawn[events.user[rows]]]


def _core(events: Interactions, rows: np.ndarray, k: int) -> np.ndarray:
    """The largest set of rows in which every user and every item has at least k."""
    while len(rows):
        few = [np.bincount(ids[rows])[ids[rows]] < k for ids in (events.user, events.item)]
        if not (few[0] | few[1]).any():
            break
        rows = rows[~(few[0] | few[1])]
    return rows


# ---- checks


def _require_some(name: str, user: np.ndarray, item: np.ndarray) -> None:
    if not len(user):
        raise TableError(f"{name}: no interaction is left; lower the least rating or k")
    lengths = np.bincount(user)
    users, items = np.count_nonzero(lengths), np.count_nonzero(np.bincount(item))
    if users < 2 or items < 2:
        what = f"one user, {name}" if users < 2 else f"one item, {name}"
        raise TableError(f"{what} has no more; a model learns from several users and items: choose other columns")
    if lengths.max() < SHORTEST:
        raise TableError(
            f"{name}: nobody has {SHORTEST} interactions: one to learn from, one for validation, one for the test; "
            "choose another column for the user, or keep repeats"
        )


def _amiss(events: Interactions, rows: np.ndarray) -> list[str]:
    """What somebody who brings data should know of it."""
    notes, lengths = [], np.bincount(events.user[rows])
    if short := int(((lengths > 0) & (lengths < SHORTEST)).sum()):
        notes.append(f"{short:,} users have fewer than {SHORTEST} interactions: used in training, never in the test.")
    if events.time is None:
        notes.append("The file has no times; its order is used.")
    elif (events.time[rows] == events.time[rows[0]]).all():
        notes.append("All times are the same; the file's order is used.")
    for what, ids in (("users", events.users), ("items", events.items)):
        if alike := len(ids) - len({text.casefold() for text in ids}):
            notes.append(f"{alike:,} of {len(ids):,} {what} differ from another only by capitals; they are kept apart.")
    return notes


# ---- ids


def _are_numbers(ids: list[str]) -> bool:
    return all(map(_NUMBER.fullmatch, ids))


def _numbered(ids: list[str], codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The codes that occur, in the order of their numbers; and each code's number: the id itself if all are whole
    numbers, else 1, 2, ... in alphabetical order."""
    there = np.flatnonzero(np.bincount(codes, minlength=len(ids)))
    numbers = np.zeros(len(ids), np.int64)
    if _are_numbers(ids):
        numbers[:] = np.array(ids, dtype=np.int64)
        return there[np.argsort(numbers[there])], numbers
    ordered = there[np.argsort(np.array([ids[code] for code in there], object), kind="stable")]
    numbers[ordered] = np.arange(1, len(ordered) + 1)
    return ordered, numbers
