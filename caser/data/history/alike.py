"""Films whose titles are like a given one: misspelt, cut short, or with more words before or behind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import chain

from rapidfuzz import fuzz, process

from caser.data.history import spelling
from caser.data.titles import normalise, without_article

MOST = 5  # films of one kind of likeness
_LEAST, _LEAST_IN_A_YEAR = 86, 80  # of 100; a film of the same year may be spelt more differently
_WHOLE_WORDS = 90  # the likeness of a title that begins or ends as another
_SHORT = 4  # letters; names this short are alike by chance
_ENDS = 3  # letters at the start or the end; a misspelt title shares one of them with the right one

_SUBTITLE = re.compile(r":|\s[-–—]\s")

Names = list[tuple[str, int]]  # plain forms without their article, each with its dense item


class Alike:
    """The names of one data set, by year and by their first and last letters.

    Args:
        names: every name of every film. years: of every film, by dense item, 0 if unknown.
    """

    def __init__(self, names: Names, years: Sequence[int]):
        self._names, self._years = names, years

    def __call__(self, title: str, year: int = 0) -> dict[int, float]:
        """Likeness of 100 by dense item: of about that year if one is given, else of any.

        A title with other numbers is another film: "Rocky II" is not like "Rocky III".
        """
        name = _plain(title)
        near = self._of_letters(name) if not year else chain.from_iterable(map(self._of_year, _about(year)))
        least = _LEAST_IN_A_YEAR if year else _LEAST
        found = _similar(name, list(near), least) if len(name) > _SHORT else {}
        held = self._held(name, title, year) if year else self._begun(name)
        for item in held if year or len(held) <= MOST else ():
            found[item] = max(_WHOLE_WORDS, found.get(item, 0))
        return found

    def _held(self, name: str, title: str, year: int) -> list[int]:
        """Films of about that year that begin or end with these words, or whose whole name these begin or end with."""
        words = name.split(" ")
        pieces = [" ".join(part) for cut in range(1, len(words)) for part in (words[:cut], words[cut:])]
        pieces = [without_article(piece) for piece in pieces if _says_enough(piece)]
        pieces += map(_plain, _SUBTITLE.split(title)[:-1])
        within = [item for piece in pieces for item in self._items.get(piece, ())]
        ended = [item for other, item in self._ending(name) if other.endswith(f" {name}") and _says_enough(name)]
        return [item for item in (*self._begun(name), *ended, *within) if self._years[item] in _about(year)]

    def _begun(self, name: str) -> list[int]:
        """Films whose names begin with these whole words."""
        if not _says_enough(name):
            return []
        begun = self._by_letters.get((name[:_ENDS], ""), [])
        return list(dict.fromkeys(item for other, item in begun if other.startswith(f"{name} ")))

    def _of_year(self, year: int) -> Names:
        return self._by_year.get(year, [])

    def _ending(self, name: str) -> Names:
        return self._by_letters.get(("", name[-_ENDS:]), [])

    def _of_letters(self, name: str) -> Names:
        return list(dict.fromkeys([*self._by_letters.get((name[:_ENDS], ""), []), *self._ending(name)]))

    @cached_property
    def _items(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for name, item in self._names:
            found[name].append(item)
        return found

    @cached_property
    def _by_year(self) -> dict[int, Names]:
        found: dict[int, Names] = defaultdict(list)
        for pair in self._names:
            found[self._years[pair[1]]].append(pair)
        return found

    @cached_property
    def _by_letters(self) -> dict[tuple[str, str], Names]:
        found: dict[tuple[str, str], Names] = defaultdict(list)
        for pair in self._names:
            found[pair[0][:_ENDS], ""].append(pair)
            found["", pair[0][-_ENDS:]].append(pair)
        return found


def _plain(title: str) -> str:
    return spelling.plain(without_article(normalise(title)))


def _about(year: int) -> tuple[int, ...]:
    """The years that a film said to be of `year` may have in a data set, 0 where that does not know."""
    return 0, year - 1, year, year + 1


def _says_enough(name: str) -> bool:
    """Whether a part of a title is long enough to tell a film by: two words, or eight letters."""
    return " " in name or len(name) >= 2 * _SHORT


def _similar(name: str, names: Names, least: int) -> dict[int, float]:
    texts = [other for other, _ in names]
    found = process.extract(name, texts, scorer=fuzz.ratio, score_cutoff=least, limit=MOST)
    numbers = spelling.numbers(name)
    return {names[place][1]: likeness for text, likeness, place in found if spelling.numbers(text) == numbers}
