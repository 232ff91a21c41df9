"""What is handed on of a list: it holds what is shown and nothing else of the visitor's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from caser import data
from caser.checkpoint import Checkpoint
from caser.data.dataset import Dataset
from caser.explain.explanation import Explanation
from caser.field.entrants import screen_names
from caser.handout.lettering import clean
from caser.handout.reason import because, item_parts, score_parts, told
from caser.listing.narrowing import Narrowing
from caser.models import ANONYMOUS
from caser.recommend import CHANCE, OF_ALL, rank_of, rank_words, score_catalogue
from caser.words import W

LATEST = 5  # films of the history that are shown
BARS = 6  # parts of a score that are shown one by one


@dataclass(frozen=True)
class Visitor:
    """Whose list it is.

    Attributes:
        user: dense, or ANONYMOUS. history: dense, oldest first. who: the viewer in words; not said of a stranger.
        target: dense, what was really watched next; None where that is not known. rewatch: whether the history may be
            listed.
    """

    user: int
    history: Sequence[int]
    who: str = ""
    target: int | None = None
    rewatch: bool = False

    @property
    def left_out(self) -> Sequence[int]:
        """Dense items that are not ranked."""
        return () if self.rewatch else self.history


@dataclass(frozen=True)
class Row:
    """One line of the list.

    Attributes:
        of_all: the rank among all, of a list that is narrowed or varied. chance: of being next, in [0, 1].
        explained: whether the reason is this one's. next: whether it was really watched next.
    """

    rank: int
    title: str
    genres: tuple[str, ...]
    of_all: float | None
    chance: float | None
    explained: bool
    next: bool


@dataclass(frozen=True)
class Handout:
    """One list with its reason, in words and numbers, in the order of the page.

    Attributes:
        title, about: whose list, and of which model and data. stranger: whether the viewer is not in the data.
        watched: the latest films, the oldest first. read: what these are, in words.
        before: how many the visitor watched before these. rows: the list. conditions: what it is narrowed by.
        film, reason: the one explained, and why. parts: of its score, by name, the largest first.
        named: how many films of the history the reason names beside `watched`.
    """

    title: str
    about: str
    stranger: bool
    watched: tuple[str, ...]
    read: str
    before: int
    rows: tuple[Row, ...]
    conditions: str
    film: str
    reason: str
    parts: tuple[tuple[str, float], ...]
    named: int


def handout(
    trained: Checkpoint,
    dataset: Dataset,
    visitor: Visitor,
    films: pd.DataFrame,
    explanation: Explanation,
    conditions: str = "",
) -> Handout:
    """What is shown of a list.

    Args:
        films: of `caser.recommend.recommend`. explanation: of one of them, or of another item.
        conditions: what the list is narrowed by, in words.
    """
    item = explanation.item.item
    scores = score_catalogue(trained.model, visitor.user, visitor.history)
    names = ["" if film is None else clean(dataset.labels[film.item]) for film in explanation.films]
    parts, places = score_parts(explanation, names, visitor.user == ANONYMOUS), item_parts(explanation, names)
    shown, titles = _largest(parts), dict(zip(places, names, strict=True))
    return Handout(
        title=f"What to {W.watch} next",
        about=_about(trained, dataset, visitor),
        stranger=visitor.user == ANONYMOUS,
        watched=tuple(clean(dataset.labels[film]) for film in visitor.history[-LATEST:]),
        read=_read(len(visitor.history)),
        before=max(len(visitor.history) - LATEST, 0),
        rows=tuple(_rows(dataset, films, item, visitor.target)),
        conditions=clean(conditions),
        film=clean(dataset.labels[item]),
        reason=_sentence(rank_of(scores, item, visitor.left_out), parts),
        parts=tuple((titles.get(name, name), value) for name, value in shown.items()),
        named=len({*shown, *told(parts)}.intersection(places[:-LATEST])),
    )


def _read(count: int) -> str:
    films = f"{count:,} {W.film if count == 1 else W.films}"
    if count > LATEST:
        return f"The last {LATEST} of {films}, oldest first"
    return f"{films} {W.watched}{', oldest first' * (count > 1)}" if count else f"No {W.films} yet"


def conditions_said(narrowing: Narrowing | None, dataset: Dataset, variety: float) -> str:
    """What a list is narrowed and varied by, in words; empty where it is neither."""
    narrowed = [narrowing.said(dataset)] if narrowing else []
    return " · ".join(narrowed + [f"variety {variety:g}"] * bool(variety))


def _about(trained: Checkpoint, dataset: Dataset, visitor: Visitor) -> str:
    usual = trained.name == f"{dataset.name}-{trained.metadata.config.model.name}"
    model = screen_names([trained])[0] if usual else trained.name
    whose = f"for {clean(visitor.who)}, " if visitor.user != ANONYMOUS else ""
    source = f"{dataset.name} (simulated viewers)" if dataset.simulated else data.source(dataset.name).label
    return f"{whose}by {clean(model)} trained on {clean(source)}"


def _rows(dataset: Dataset, films: pd.DataFrame, item: int, target: int | None):
    further = {name: films[name] if name in films else [None] * len(films) for name in (OF_ALL, CHANCE)}
    for film, rank, genres, of_all, chance in zip(
        films.index, films["rank"], films["genres"], further[OF_ALL], further[CHANCE], strict=True
    ):
        said = tuple(map(clean, genres))
        yield Row(int(rank), clean(dataset.labels[film]), said, of_all, chance, film == item, film == target)


def _sentence(rank: float, parts: dict[str, float]) -> str:
    why = because(parts)
    return (
        f"Ranked {rank_words(rank)} {why}." if why else f"Ranked {rank_words(rank)}; nothing read here speaks for it."
    )


def _largest(parts: dict[str, float]) -> dict[str, float]:
    """The largest parts as they are, and the sum of the others."""
    by_size = sorted((name for name in parts if parts[name]), key=lambda name: -abs(parts[name]))
    kept = by_size if len(by_size) <= BARS else by_size[: BARS - 1]
    shown, others = {name: parts[name] for name in kept}, by_size[len(kept) :]
    return shown | ({f"{len(others)} other parts": sum(parts[name] for name in others)} if others else {})
