"""Trying many inputs, each drawn from its own seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.kinds import KINDS
from tests.fuzz.place import Place, opened
from tests.fuzz.watch import verdict


@dataclass(frozen=True)
class Tried:
    """One input: its kind, its number among all, itself in words, and the harm it did, "" for none."""

    kind: str
    number: int
    shown: str
    harm: str


def kind_of(number: int) -> str:
    """Kinds take turns by their share, so that few inputs are of all kinds, too."""
    turns = [name for name, (_, share) in KINDS.items() for _ in range(share)]
    return turns[number * 37 % len(turns)]


def search(inputs: range, seed: int, folder: Path, kind: str = "") -> Iterator[Tried]:
    """Try inputs one by one in a folder that is empty, but for small checkpoints where there are some.

    Args:
        kind: the one to try; "" for all by turns.
    """
    with opened(folder) as place:
        for number in inputs:
            yield _try(place, number, seed, kind or kind_of(number))


def _try(place: Place, number: int, seed: int, kind: str) -> Tried:
    rng = random.Random(f"{seed} {kind} {number}")
    shown, tries = KINDS[kind][0](rng, place)
    return Tried(kind, number, shown, verdict(place, tries))
