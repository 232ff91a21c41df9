"""Films suggested while somebody types: the best first, fast enough for every key on a large catalogue."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import chain, islice

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from caser.data.titles import LAST, LONGEST_TITLE, TitleIndex, normalise, readings, series, without_article

FEW = 3  # of fewer films that fit, those that would but for a typing error are looked for
SHORT = 2  # letters of a word in which a typing error leaves too little


class TitleSearch:
    """Suggests films of one data set for a text that is perhaps not typed to its end; make one for each data set.

    Films are numbered by place here: 0 is the most watched one. So places in order are films in the order of how well
    known they are, and nothing is sorted while somebody types.
    """

    def __init__(self, index: TitleIndex):
        self.index, dataset = index, index.dataset
        index.prepare()
        self._films = np.argsort(-dataset.views, kind="stable")  # (n_items,): by place, the dense id
        self._place = np.empty_like(self._films)  # (n_items,): by dense id, the place
        self._place[self._films] = np.arange(dataset.n_items)
        self._named = self._place[[item for _, item in index.names]]  # by place in `index.names`
        self._texts = [""] * dataset.n_items  # by place: each name after a line's end and a space
        for (name, _), place in zip(index.names, self._named.tolist(), strict=True):
            self._texts[place] += f"\n {name}"
        self._index_words()
        self._series = self._by_series()

    def _index_words(self) -> None:
        """For every word of the names, and every year, the places of its films: slices of one array."""
        holders: dict[str, list[int]] = {}
        for place, (text, film) in enumerate(zip(self._texts, self._films.tolist(), strict=True)):
            for word in {*text.split(), str(self.index.years[film] or "")} - {""}:
                holders.setdefault(word, []).append(place)
        self._words = sorted(holders)
        self._start = np.cumsum([0, *(len(holders[word]) for word in self._words)])
        self._holders = np.fromiter(chain.from_iterable(map(holders.get, self._words)), np.int32)
        lengths = np.array(list(map(len, self._words)))
        self._by_length = np.argsort(lengths, kind="stable")
        self._lengths = lengths[self._by_length]

    def _by_series(self) -> dict[str, list[int]]:
        """The places of the films of every series, by its name, in the order of their years."""
        members: dict[str, list[int]] = {}
        for film, name in enumerate(series(self.index.dataset.catalogue["title"].tolist())):
            if name:
                members.setdefault(without_article(normalise(name)), []).append(film)
        years = self.index.years
        return {name: self._place[sorted(films, key=lambda i: years[i])].tolist() for name, films in members.items()}

    def suggest(self, text: str, k: int = 8) -> list[int]:
        """Dense ids of the films that may be meant, at most k, the best first.

        First come films that are called so, then those whose title or a name within it begins so, then those with
        the text at the begin of a word, then those with all its words, in any order, each perhaps only begun; a year
        is a word, too. Where none is called so and fewer than `FEW` fit, films follow that fit but for typing errors.
        Within each kind the most watched film comes first, and the films of a series whose name is typed stand
        together in the order of their years. Articles, case, accents and punctuation do not matter.

        Raises:
            ValueError: the text has more than `LONGEST_TITLE` letters.
        """
        if len(text) > LONGEST_TITLE:
            raise ValueError(
                f"this has {len(text):,} letters and a title at most {LONGEST_TITLE:,}; type a few of its words"
            )
        wanted = without_article(normalise(text))
        suggested: dict[int, None] = {}
        for places in self._kinds(text.strip(), wanted, suggested) if wanted else ():
            together = self._series_together(places, wanted)
            suggested.update(
                dict.fromkeys(islice((place for place in together if place not in suggested), k - len(suggested)))
            )
            if len(suggested) >= k:
                break
        return self._films[list(suggested)].tolist()

    def _kinds(self, text: str, wanted: str, suggested: dict[int, None]) -> Iterator[np.ndarray]:
        """Places in order, of one kind after another; `suggested` is what was taken of the kinds before."""
        called = {film for reading in readings(text) for film in self.index.fits(*reading)}
        called.update(self.index.initials(wanted) if len(wanted) > 1 else ())
        yield np.sort(self._place[sorted(called)])
        low, high = (bisect_left(self.index.names, (end,)) for end in (wanted, wanted + LAST))
        yield self._with_all([self._named[low:high]])
        words = wanted.split()
        holding = self._with_all(map(self._begun, words))
        if len(words) > 1:
            start = f" {wanted}"
            yield np.array([place for place in holding.tolist() if start in self._texts[place]], int)
        yield holding
        if not called and len(suggested) < FEW:
            yield from self._but_for_errors(text, wanted, suggested)

    def _but_for_errors(self, text: str, wanted: str, suggested: dict[int, None]) -> Iterator[np.ndarray]:
        """What would fit but for spaces or typing errors; of short words, if there are longer ones, any will do."""
        yield self._with_all([self._place[self.index.begun_without_spaces(wanted)]])
        words = wanted.split()
        words = [word for word in words if len(word) > SHORT] or words
        yield self._with_all(np.concatenate([self._begun(word), self._near(word)]) for word in words)
        if not suggested:
            title = min((title for title, _ in readings(text)), key=len)
            yield self._place[self.index.alike(without_article(normalise(title)))]

    def _begun(self, word: str) -> np.ndarray:
        """Places of the films with a word that begins so, in any order and perhaps twice."""
        low, high = bisect_left(self._words, word), bisect_left(self._words, word + LAST)
        return self._holders[self._start[low] : self._start[high]]

    def _near(self, word: str) -> np.ndarray:
        """Places of the films with a word that is one typing error away, or two of a long word."""
        errors = 0 if word.isdigit() else min((len(word) + 1) // 4, 2)
        if not errors:
            return self._holders[:0]
        low, high = (np.searchsorted(self._lengths, len(word) + more) for more in (-errors, errors + 1))
        words = self._by_length[low:high]
        near = process.extract(
            word, [self._words[at] for at in words], scorer=OSA.distance, score_cutoff=errors, limit=None
        )
        slices = (slice(*self._start[words[at] : words[at] + 2]) for *_, at in near)
        return np.concatenate([self._holders[:0], *map(self._holders.__getitem__, slices)])

    def _with_all(self, of_each: Iterable[np.ndarray]) -> np.ndarray:
        """The places that are in all of these arrays, each once, in order."""
        left = np.ones(len(self._films), bool)
        for places in of_each:
            here = np.zeros_like(left)
            here[places] = True
            left &= here
            if not left.any():
                break
        return np.flatnonzero(left)

    def _series_together(self, places: np.ndarray, wanted: str) -> list[int]:
        """The same places; those of the series that is typed follow the first of them, in the order of years."""
        words = wanted.split()
        names = (" ".join(words[:n]) for n in range(len(words), 0, -1))
        members = next((self._series[name] for name in names if name in self._series), [])
        among = set(members).intersection(places.tolist())
        if len(among) < 2:
            return places.tolist()
        of_series = [place for place in members if place in among]
        others = [place for place in places.tolist() if place not in among]
        before = sum(place < min(among) for place in others)
        return [*others[:before], *of_series, *others[before:]]
