"""Other histories than the one there is: edits of a window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from caser.models import Recommender
from caser.recommend import to_numpy, window

Films = tuple[int, ...]


def read(model: Recommender, history: Sequence[int]) -> Films:
    """The L places that a model reads, the oldest first; n_items is an empty place."""
    return tuple(to_numpy(window(model, history)[0]).tolist())


def dropped(films: Films, place: int, padding: int) -> Films:
    """With one place emptied, so that the others keep theirs.

    >>> dropped((4, 5, 6), 1, padding=9)
    (4, 9, 6)
    """
    return replaced(films, place, padding)


def replaced(films: Films, place: int, film: int) -> Films:
    """With another film at one place."""
    return (*films[:place], film, *films[place + 1 :])


def added(films: Films, film: int, padding: int) -> Films:
    """With a further film as the latest: the others move up to the last empty place, else the oldest leaves.

    >>> added((9, 4, 9, 5), 6, padding=9), added((4, 5), 6, padding=9)
    ((9, 4, 5, 6), (5, 6))
    """
    gap = max((place for place, other in enumerate(films) if other == padding), default=0)
    return (*films[:gap], *films[gap + 1 :], film)


def swapped(films: Films, place: int) -> Films:
    """With one place and the next exchanged; the last one has no next.

    >>> swapped((4, 5, 6), 1)
    (4, 6, 5)
    """
    if not 0 <= place < len(films) - 1:
        return films
    return (*films[:place], films[place + 1], films[place], *films[place + 2 :])


def turned(films: Films, padding: int) -> Films:
    """With the films in the opposite order; empty places stay.

    >>> turned((9, 4, 5, 6), padding=9)
    (9, 6, 5, 4)
    """
    return _refilled(films, padding, lambda there: there[::-1])


def shuffled(films: Films, padding: int, rng: np.random.Generator) -> Films:
    """With the films in another order, if there is one; empty places stay."""

    def deal(there: list[int]) -> list[int]:
        for _ in range(20):
            dealt = [there[at] for at in rng.permutation(len(there))]
            if dealt != there:
                return dealt
        return there

    return _refilled(films, padding, deal)


def _refilled(films: Films, padding: int, arrange) -> Films:
    there = [at for at, film in enumerate(films) if film != padding]
    after = list(films)
    for at, film in zip(there, arrange([films[at] for at in there]), strict=True):
        after[at] = film
    return tuple(after)
