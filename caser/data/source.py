"""What the program asks of a data set before it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from caser import files
from caser.data.dataset import Dataset

Stamp = tuple[files.Stamp, ...]  # of every file


@dataclass(frozen=True)
class Source:
    """One data set that can be loaded by name.

    Attributes:
        name: in commands and links. label: on screen. noun: one of its items, "film". licence: one line.
        load: reads it from this machine; ValueError if it is not here or broken. It takes `on_share`, called with about
            how much is read, 0 to 1, where that takes long; an exception it raises ends the reading.
        files: what `load` reads; () while it is not here.
        fetch: (progress, timeout) brings it here; None where it is part of the program.
        until: the year of its latest films, 0 where that is not known before it is loaded.
        planted: in Markdown, what its simulated viewers were made to do; "" for real people.
        opening: own ids of the films that a visitor finds picked, the oldest first; () for the most watched.
        own: whether somebody brought it.
    """

    name: str
    label: str
    noun: str
    licence: str
    load: Callable[..., Dataset]
    files: Callable[[], tuple[Path, ...]]
    fetch: Callable[..., Path] | None = None
    planted: str = ""
    until: int = 0
    opening: tuple[int, ...] = ()
    own: bool = False

    @property
    def available(self) -> bool:
        """Whether `load` can succeed without a network."""
        return self.fetch is None or bool(self.files())

    @property
    def place(self) -> str:
        """Where it is, in words; or how to bring it here."""
        if self.own:
            return f"your own, in {self.files()[0].parent}"
        if self.fetch is None:
            return "embedded; simulated viewers"
        if not self.available:
            return f"not here; `python -m caser data {self.name}` fetches it"
        return f"in {self.files()[0].parent}"

    def stamp(self) -> Stamp:
        """Changes whenever one of its files does."""
        found = []
        for path in self.files():
            with suppress(OSError):  # deleted since it was listed
                found.append(files.stamp(path))
        return tuple(found)
