"""Which film of a data set each entry of a history is; what is not certain is left to the person to confirm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from caser.data import movielens
from caser.data.history import spelling
from caser.data.history.alike import Alike
from caser.data.history.codes import forms
from caser.data.history.entry import Entry, History
from caser.data.text import is_film, plural
from caser.data.titles import TitleIndex, normalise, parts, readings, squeezed

MATCHED, UNSURE, ABSENT = "matched", "unsure", "not in this data set"
MOST_OFFERED = 5
_FAR = 3  # years between two dates of one film, at the most, in sources that disagree; editions of a book differ more
_BY_ID, _BY_ID_AND_YEAR, _OTHER_YEAR = "film id", "film id and year", "the id of a film of another year"
_BY_CODE = "its code, such as an ISBN"
_DOUBTED = "by number alone; data sets number differently"
_REMEDY = "give a file with titles (a column 'Title', best with 'Year')"


@dataclass(frozen=True)
class Match:
    """What was found for one entry.

    Attributes:
        verdict: `MATCHED`, `UNSURE` or `ABSENT`. items: dense ids, one where it is matched, the likeliest first where
            it is unsure. how: why, in words.
    """

    entry: Entry
    verdict: str
    items: tuple[int, ...] = ()
    how: str = ""


@dataclass(frozen=True)
class Review:
    """A history matched with a data set.

    Attributes:
        matches: one for each entry, oldest first. until: the year of the data set's latest film, 0 if it knows none.
        about: sentences on how it fits the data set.
    """

    history: History
    matches: tuple[Match, ...]
    until: int
    about: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """All that is worth saying, of the history itself first."""
        return (*self.history.notes, *self.about)

    def count(self, verdict: str) -> int:
        """How many entries have that verdict."""
        return sum(match.verdict == verdict for match in self.matches)

    def likeliest(self) -> dict[int, int]:
        """The film offered first for each unsure match, by its place in `matches`."""
        return {place: one.items[0] for place, one in enumerate(self.matches) if one.verdict == UNSURE}

    @property
    def too_new(self) -> list[Entry]:
        """The entries that are not there because they are later than all of the data set's films."""
        return [one.entry for one in self.matches if one.verdict == ABSENT and one.entry.year > self.until > 0]

    def sequence(self, confirmed: Mapping[int, int]) -> dict[int, date | None]:
        """Dense items, oldest first, each once, with the day it was watched last.

        Args:
            confirmed: the film of each unsure match that was confirmed, by its place in `matches`.

        Raises:
            ValueError: a confirmed film that was not offered.
        """
        days: dict[int, date | None] = {}
        for place, match in enumerate(self.matches):
            item = confirmed.get(place)
            if item is not None and item not in match.items:
                raise ValueError(f"film {item} was not offered for {match.entry.title!r}; confirm one of {match.items}")
            if match.verdict == MATCHED:
                item = match.items[0]
            if item is not None:
                days.pop(item, None)
                days[item] = match.entry.day
        return days


def _certain(matches: Iterable[Match]) -> int:
    return sum(match.verdict == MATCHED for match in matches)


class Matcher:
    """Finds the films of histories in one data set; make one for each."""

    def __init__(self, titles: TitleIndex):
        self.titles, self.dataset, self._years = titles, titles.dataset, titles.years
        self._links = {column: self._table(column) for column in ("imdb_id", "tmdb_id")}
        self._plain = [(spelling.plain(name), item) for name, item in titles.names]
        self._alike, self.until = Alike(self._plain, self._years), max(self._years)
        self._numbered = movielens.film_ids(self.dataset.name) or "itemid"  # what column gives its ids

    def _table(self, column: str) -> dict[int, list[int]]:
        """Dense ids by a number elsewhere; {} where the data set does not know it."""
        found: dict[int, list[int]] = {}
        if column in self.dataset.catalogue:
            for item, number in enumerate(self.dataset.catalogue[column].tolist()):
                if number:
                    found.setdefault(number, []).append(item)
        return found

    def review(self, history: History) -> Review:
        """Every entry with what was found for it.

        One id that cannot be the data set's puts all in doubt, unless both number films as MovieLens does since 1M.
        """
        matches = tuple(map(self.match, history.entries))
        history, matches = self._by_artist(history, matches)
        if foreign := self._numbered != "movieid" and any(map(self._contradicts, matches)):
            matches = tuple(map(self._doubted, matches))
        about = (self._about_ids(matches, foreign), self._about_years(matches), self._about_links(matches))
        return Review(history, matches, self.until, tuple(filter(None, about)))

    def _by_artist(self, history: History, matches: tuple[Match, ...]) -> tuple[History, tuple[Match, ...]]:
        """A history of songs as one of artists, each at the last time, where these are what the data set holds."""
        artists: dict[str, Entry] = {}
        for entry in history.entries:
            if entry.artist:
                artists.pop(normalise(entry.artist), None)
                artists[normalise(entry.artist)] = Entry(entry.artist, day=entry.day, line=entry.line)
        if not artists or 2 * _certain(matches) >= len(matches):
            return history, matches
        of_artists = tuple(map(self.match, artists.values()))
        if _certain(of_artists) <= _certain(matches):
            return history, matches
        said = f"{self.dataset.name} holds artists: each of yours counts once, at its song that you played last."
        return replace(history, entries=tuple(artists.values()), notes=(*history.notes, said)), of_artists

    def _about_ids(self, matches: Sequence[Match], foreign: bool) -> str:
        """What to say where ids are in doubt or not the data set's; "" else."""
        first = next((match for match in matches if match.how == _DOUBTED), None)
        if first is None and not foreign:
            return ""
        name, said = self.dataset.name, "MovieLens editions number films differently, and so do other data sets."
        if first is None:
            return f"{said} Your numbers are not those of {name}: {_REMEDY}."
        return (
            f"{said} In {name} number {first.entry.item_id} is {self.titles.labels[first.items[0]]}; in your file it "
            f"may be another. Nothing confirms your numbers, so {plural(self.titles.noun)} known by number alone are "
            f"unsure: {_REMEDY}, or confirm them."
        )

    def _about_years(self, matches: Sequence[Match]) -> str:
        other = sum(match.how == _OTHER_YEAR for match in matches)
        return f"{other:,} of your numbers belong to films of other years in {self.dataset.name}." if other else ""

    def _about_links(self, matches: Sequence[Match]) -> str:
        """What to say where films are known by numbers that the data set lacks."""
        bare = [match.entry for match in matches if match.verdict == ABSENT and not match.entry.title]
        lost = sum(bool(entry.imdb_id or entry.tmdb_id) for entry in bare)
        if not lost or any(self._links.values()):
            return ""
        several, name = plural(self.titles.noun) if lost > 1 else self.titles.noun, self.dataset.name
        return f"For {lost:,} {several} your file has only IMDb or TMDB numbers, which {name} lacks: {_REMEDY}."

    def match(self, entry: Entry) -> Match:
        """The film that an entry is, by its number at IMDb or TMDB, its id, or its title and year.

        A film is matched only where one alone is called that and nothing speaks against it. What is alike, of
        another year or one of several is unsure.
        """
        linked = self._linked(entry)
        if len(linked) == 1:
            return Match(entry, MATCHED, tuple(linked), "number at IMDb or TMDB")
        if linked:
            return self._unsure(entry, linked, "its numbers name several films")
        by_code = self._by_code(entry)
        if by_code is not None:
            return by_code
        if entry.item_id is not None and (found := self._by_id(entry, str(entry.item_id))):
            return found
        found = self._named(entry) or self._by_word(entry) or self._like(entry) or Match(entry, ABSENT)
        if found.verdict == MATCHED and self._other_number(entry, found.items[0]):
            return self._unsure(entry, found.items, "title and year, but another number at IMDb or TMDB")
        return found

    # ---- by number

    def _linked(self, entry: Entry) -> list[int]:
        found = [self._links["imdb_id"].get(entry.imdb_id, []), self._links["tmdb_id"].get(entry.tmdb_id, [])]
        return self._one_of_each(dict.fromkeys(item for items in found for item in items))

    def _other_number(self, entry: Entry, item: int) -> bool:
        """Whether the data set knows the film by another number than the entry does."""
        own = (("imdb_id", entry.imdb_id), ("tmdb_id", entry.tmdb_id))
        known = ((number, self.dataset.catalogue[column].iat[item]) for column, number in own if self._links[column])
        return any(number and there and number != there for number, there in known)

    def _by_code(self, entry: Entry) -> Match | None:
        """By a code by which the world knows an item, where the data set's own ids are such."""
        for form in (form for code in entry.codes for form in forms(code)):
            with suppress(ValueError):
                return Match(entry, MATCHED, (self.dataset.find_item(form),), _BY_CODE)
        return None

    def _by_word(self, entry: Entry) -> Match | None:
        """By an id that is a word and stands where a title might."""
        return self._by_id(entry, entry.title) if self.dataset.has_words and not entry.year else None

    def _by_id(self, entry: Entry, own_id: str) -> Match | None:
        try:
            item = self.dataset.find_item(own_id)
        except ValueError:
            return None
        called = [other for other in self.titles.called(entry.title)[0] if other != item] if entry.title else []
        if called:
            return self._unsure(entry, [item, *called], "the id of one film, the title of another")
        if entry.year and self._years[item]:
            near = abs(self._years[item] - entry.year) <= 1
            return Match(entry, MATCHED, (item,), _BY_ID_AND_YEAR) if near else Match(entry, ABSENT, how=_OTHER_YEAR)
        found = Match(entry, MATCHED, (item,), _BY_ID)
        certain = entry.numbered in ("", self._numbered) or isinstance(entry.item_id, str)  # words are hardly alike
        return found if certain else self._doubted(found)

    def _contradicts(self, match: Match) -> bool:
        """Whether an id, unless it was written "id:7", cannot be one of the data set's."""
        own, known = match.entry.item_id, self.dataset.item_ids
        beyond = isinstance(own, int) and known.dtype.kind == "i" and own > known[-1]
        return self._may_be_another(match.entry) and (match.how == _OTHER_YEAR or beyond)

    def _doubted(self, match: Match) -> Match:
        """A match by an id alone is the person's to confirm."""
        by_id = match.how in (_BY_ID, _BY_ID_AND_YEAR) and self._may_be_another(match.entry)
        return Match(match.entry, UNSURE, match.items, _DOUBTED) if by_id else match

    @staticmethod
    def _may_be_another(entry: Entry) -> bool:
        """Whether an entry has an id that a column or a bare number gives, so that it may be another data set's."""
        return entry.item_id is not None and bool(entry.numbered or entry.title)

    # ---- by name

    def _named(self, entry: Entry) -> Match | None:
        """By names that are the same: without a year where none is given, in it, one off, or further off."""
        ways = [(*level, year) for title, year in self._names(entry) for level in self._levels(title)]
        steps = (self._in_any_year, self._in_year, self._a_year_off, self._in_another_year)
        return next((found for step in steps for way in ways if (found := step(entry, *way))), None)

    def _names(self, entry: Entry) -> list[tuple[str, int]]:
        """The ways to read what an entry is called, with its year."""
        names = [entry.title, *entry.others, *parts(entry.title)]
        if entry.year and self.until:
            return [(name, entry.year) for name in names if name]
        return list(dict.fromkeys(reading for name in names for reading in readings(name)))

    def _levels(self, title: str) -> list[tuple[list[int], bool, str]]:
        """(items of any year, whether the names are the same letter by letter, what to say), the surest first."""
        whole, within = self.titles.called(title)
        alike = self._spellings.get(squeezed(spelling.plain(normalise(title))), [])
        return [([*whole, *within], True, "title"), (alike, False, "another spelling")]

    @cached_property
    def _spellings(self) -> dict[str, list[int]]:
        """Dense ids by what all spellings of their names share."""
        found: dict[str, dict[int, None]] = defaultdict(dict)
        for name, item in self._plain:
            found[squeezed(name)][item] = None
        return {key: list(items) for key, items in found.items()}

    def _in_any_year(self, entry: Entry, items: list[int], same: bool, said: str, year: int) -> Match | None:
        seen_by = entry.day.year if entry.day else self.until
        there = [item for item in items if not year and self._years[item] <= seen_by]
        if there and same and self.until and seen_by > self.until + 1:
            return self._unsure(entry, there, f"{said} without a year: it may be a later film of that name")
        return self._decided(entry, there, f"{said}, no year given", certain=same)

    def _in_year(self, entry: Entry, items: list[int], same: bool, said: str, year: int) -> Match | None:
        exact = [item for item in items if year and self._years[item] == year]
        return self._decided(entry, exact, f"{said} and year")

    def _a_year_off(self, entry: Entry, items: list[int], same: bool, said: str, year: int) -> Match | None:
        near = [item for item in items if abs(self._years[item] - year) == 1]
        return self._decided(entry, near, f"{said}, the year off by one", certain=same)

    def _in_another_year(self, entry: Entry, items: list[int], same: bool, said: str, year: int) -> Match | None:
        most = _FAR if is_film(self.titles.noun) else self.until
        far = [item for item in items if not self._years[item] or abs(self._years[item] - year) <= most]
        return self._unsure(entry, far, f"{said}, another year") if far and year else None

    def _decided(self, entry: Entry, items: list[int], how: str, certain: bool = True) -> Match | None:
        items = self._one_of_each(items)
        if not items:
            return None
        if len(items) == 1 and certain:
            return Match(entry, MATCHED, tuple(items), how)
        return self._unsure(entry, items, how if len(items) == 1 else f"{how}: several films")

    def _one_of_each(self, items: Iterable[int]) -> list[int]:
        """Some data sets list a film twice, under two ids: only the one watched more is kept."""
        kept: dict[tuple, int] = {}
        for item in self._likeliest(items):
            number = self.dataset.catalogue["imdb_id"].iat[item] if self._links["imdb_id"] else 0
            kept.setdefault((self.dataset.names[item], number), item)
        return list(kept.values())

    def _likeliest(self, items: Iterable[int]) -> list[int]:
        return sorted(dict.fromkeys(items), key=lambda item: -self.dataset.views[item])

    def _unsure(self, entry: Entry, items: Iterable[int], how: str) -> Match:
        return Match(entry, UNSURE, tuple(self._likeliest(items)[:MOST_OFFERED]), how)

    def _like(self, entry: Entry) -> Match | None:
        """Films with a similar title, of about that year if one is given; never certain."""
        found: dict[int, float] = {}
        for title in filter(None, (entry.title, *entry.others)):
            for item, likeness in self._alike(title, entry.year if self.until else 0).items():
                found[item] = max(likeness, found.get(item, 0))
        likeliest = sorted(found, key=lambda item: (-found[item], -self.dataset.views[item]))
        return Match(entry, UNSURE, tuple(likeliest[:MOST_OFFERED]), "a similar title") if found else None
