"""Titles: how files write them, how people type them, and which film is meant."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import ceil, floor

from rapidfuzz import fuzz, process

from caser.data.checks import within
from caser.data.dataset import Dataset

LONGEST_TITLE = 1000  # letters; more would take long to take apart, and no film has a quarter of them
NO_TITLE = "unknown"  # what ml-100k calls its film without one
ARTICLES = (
    *("The", "A", "An", "La", "Le", "Les", "L'", "Un", "Une", "Il", "Lo", "Gli", "Una", "Uno", "El", "Los", "Las"),
    *("Der", "Die", "Das", "Den", "Det", "Ein", "Eine", "De", "Het", "O", "Os", "Um", "Uma"),
)
_YEAR = re.compile(r"(?P<title>.*\S)\s*\((?P<year>\d{4})(?:[-–]\s*(?:\d{4})?)?\)(?:\s*\(T?V\))?", re.IGNORECASE)
_ARTICLE = re.compile(rf"(?P<title>.+?), (?P<article>{'|'.join(ARTICLES)})(?P<rest> \(.*\))?", re.IGNORECASE)
_ASIDE = re.compile(r"\s*\(([^()]*)\)")
_ALSO_KNOWN_AS = re.compile(r"a\.?k\.?a\.?:? ", re.IGNORECASE)


def label(dataset: Dataset, item: int) -> str:
    """A film as people write it: "Star Wars (1977)", made unique as in `Dataset.labels`; ValueError for an id outside
    0..n_items-1."""
    (item,) = within(dataset.n_items, [item])
    return dataset.labels[item]


def twins(dataset: Dataset, items: Iterable[int], place: str) -> str:
    """Which of these films the data set, which is called `place`, has under several ids; empty if there is none."""
    called = dict.fromkeys(dataset.names[item] for item in items if dataset.names[item] != dataset.labels[item])
    return f"{place} has several entries called {'; '.join(called)}; their ids tell them apart" if called else ""


def repeated(dataset: Dataset, items: Iterable[int]) -> str:
    """Which films are in a history more than once, as a sentence; empty if there is none."""
    often = [(item, times) for item, times in Counter(items).most_common() if times > 1]
    said = [f"{dataset.labels[item]} is there {times:,} times" for item, times in often[:MOST_OFFERED]]
    return "; ".join(said) + ("; ..." if len(often) > MOST_OFFERED else "")


def title_and_year(text: str) -> tuple[str, int]:
    """A title as one would say it, and the year at its end, 0 if there is none.

    >>> title_and_year("Lighthouse at Noon, The (Phare à midi, Le) (1973)")
    ('The Lighthouse at Noon (Phare à midi, Le)', 1973)
    >>> title_and_year("Unfinished Film")
    ('Unfinished Film', 0)
    """
    title, year = text.strip(), 0
    if match := _YEAR.fullmatch(title):
        title, year = match["title"], int(match["year"])
    return _article_first(title) or NO_TITLE, year


def _article_first(title: str) -> str:
    match = _ARTICLE.fullmatch(title)
    if not match:
        return title
    gap = "" if match["article"].endswith("'") else " "
    return match["article"] + gap + match["title"] + (match["rest"] or "")


def parts(title: str) -> list[str]:
    """The names in a title that holds others in parentheses: what stands before them, and each of them.

    >>> parts("The Postman (a.k.a. Postino, Il)")
    ['The Postman', 'Il Postino']
    >>> parts("Alien")
    []
    """
    if "(" not in title:
        return []
    others = (_ALSO_KNOWN_AS.sub("", aside.strip()) for aside in _ASIDE.findall(title))
    return [_article_first(name) for name in (_ASIDE.sub("", title).strip(), *others) if name]


_NUMBERED = re.compile(
    r"(?P<head>.*?\w)[,:]? (?:part |vol\.? |episode )?(?:[2-9]|1\d|[ivx]{2,5}|v|x)( \d/\d)?$", re.IGNORECASE
)


def series(names: Sequence[str]) -> list[str]:
    """For each title the series that it shows to be of, "" for none: a numbered one, or what stands before a colon.

    Titles alike in that are one series if at least one of them has a number or a colon.

    >>> series(["Rocket", "Rocket II", "Rocket III: Home", "Apollo 13", "Alien", "The Moon: A Film"])
    ['Rocket', 'Rocket', 'Rocket', '', '', '']
    """
    heads = [_head(name) for name in names]
    keys = [without_article(normalise(head)) for head in heads]
    shown = {key for key, head, name in zip(keys, heads, names, strict=True) if head != name}
    often = Counter(keys)
    called: dict[str, str] = {}
    for key, head in zip(keys, heads, strict=True):
        called.setdefault(key, head)
    return [called[key] if key in shown and often[key] > 1 else "" for key in keys]


def _head(name: str) -> str:
    """A title without what follows its colon and without its number."""
    head = name.partition(":")[0].strip()
    numbered = _NUMBERED.fullmatch(head)
    return numbered["head"] if numbered else head


# ---- the normal form: what two ways of writing one title have in common

LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}  # no accent to take off
_FRACTIONS = {fraction: f" {fraction}" for fraction in "¼½¾⅓⅔"}  # 8½ is 8 1/2, not 81/2
_PLAIN = str.maketrans({"&": " and "} | LETTERS | _FRACTIONS | dict.fromkeys("'’‘`´ʻʼ′", ""))
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"(?<!\d) | (?!\d)")


def normalise(text: str) -> str:
    """The normal form of a title or a name: lower case, no accents or punctuation, "and" for "&", single spaces.

    Loader, look-up and the matching of histories all compare titles by it.

    >>> normalise("  Amélie & the  Baker's Son!")
    'amelie and the bakers son'
    """
    plain = text.casefold().translate(_PLAIN)
    if not plain.isascii():
        letters = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()
    return " ".join(_WORD.findall(plain)) or plain.strip()  # a film may be called "$"


_ENGLISH = ("the", "a", "an")
_WORDS_THAT_ARE_ARTICLES = frozenset(normalise(article) for article in ARTICLES)


def without_article(name: str) -> str:
    """A normal form without the English article that it begins with."""
    first, _, rest = name.partition(" ")
    return rest if rest and first in _ENGLISH else name


def squeezed(name: str) -> str:
    """A normal form without an English article at either end, another's at the front, and without its spaces.

    So "matrix the", "boot das" and "spider man" are "The Matrix", "Das Boot" and "Spiderman". Numbers stay apart.
    """
    words = without_article(name).split(" ")
    if len(words) > 1 and words[-1] in _WORDS_THAT_ARE_ARTICLES:
        last = words.pop()
        words = words if last in _ENGLISH else [last, *words]
    return _GAP.sub("", " ".join(words))


# ---- the look-up


class UnknownTitle(ValueError):
    """A title that fits no film, or more than one.

    Attributes:
        said: what is wrong. items: dense ids of the films that may be meant, the likeliest first; the message lists
            them.
    """

    def __init__(self, said: str, advice: str, items: Sequence[int] = ()):
        super().__init__(said + advice)
        self.said, self.items = said, tuple(items)


Table = dict[str, list[int]]  # name -> dense ids
_ID = re.compile(r"id:\s*(?P<own>(?P<number>-?[0-9]{1,18})|\S.*)", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,18}")
_TITLE = re.compile(r"title:\s*", re.IGNORECASE)
_BARE_YEAR = re.compile(r"(.*\S)[\s,]+(\d{4})")
LAST = "\U0010ffff"  # sorts behind every letter
# How alike of 100 a name must be to be offered. On ML-100K 99 % of its titles are still offered with one letter wrong
# and 89 % with two, and something is offered for 4 % of the titles that only ML-1M has (at 75: 100, 94 and 9 %).
ALIKE, MOST_OFFERED = 80, 6


class TitleIndex:
    """Finds films of one data set by what people type; make one for each data set.

    Attributes:
        labels: `Dataset.labels`. years: of every film, 0 if unknown.
    """

    def __init__(self, dataset: Dataset, noun: str = "film"):
        self.dataset, self.noun = dataset, noun
        titles, self.years = dataset.catalogue["title"].tolist(), dataset.catalogue["year"].tolist()
        self.labels = dataset.labels
        self._whole: Table = {}
        self._parts: Table = {}
        for item, title in enumerate(titles):
            self._whole.setdefault(normalise(title), []).append(item)
            if "(" in title or ", " in title:
                self._add_other_forms(item, title)

    def _add_other_forms(self, item: int, title: str) -> None:
        """A title that is stored as files write it is found as people say it, too; and each name in it."""
        said = _article_first(title)
        if not self.years[item]:
            said, self.years[item] = title_and_year(title)
        for table, names in ((self._whole, [said]), (self._parts, parts(said))):
            for name in map(normalise, names):
                items = table.setdefault(name, [])
                if item not in items[-1:]:
                    items.append(item)

    def find(self, text: str, numbers_are_ids: bool = True) -> int:
        """The dense id of the film that somebody means.

        A title may have its article at either end and its year behind it; case, accents and punctuation do not
        matter. The first of these that fits any film counts: the whole title, a name within it (as before or in
        parentheses), the title without its article or spaces, the whole words at its start. A label is found as it is.
        A number is an item id of the data set, and so is a text where ids are texts; `id:187` and `title:187` say
        which is meant.

        Args:
            numbers_are_ids: False takes a number for a whole title; an id that is a text counts where no title fits.

        Raises:
            UnknownTitle: nothing fits ("did you mean ..."), several films do (all are listed), or a text is both a
                film's title and another's id.
        """
        if len(text) > LONGEST_TITLE:
            raise UnknownTitle(self._none(text), f": a title has at most {LONGEST_TITLE:,} letters")
        wanted = text.strip()
        if wanted.casefold() in self._by_label:
            return self._by_label[wanted.casefold()]
        match = _ID.fullmatch(wanted)
        if match and (self.dataset.has_words or match["number"]):
            return self._by_item_id(match["own"], text)
        title = _TITLE.sub("", wanted, count=1) if _TITLE.match(wanted) else wanted
        named, bare = self._named(title), title == wanted and _NUMBER.fullmatch(wanted)
        item = self._item_of(wanted) if title == wanted else None
        if item is not None and (numbers_are_ids or (self.dataset.has_words and not named)):
            return self._id_unless_title(wanted, item, named)
        opening = [] if bare and not numbers_are_ids else self._by_opening(title)  # "1" would be 1-900
        return self._only(named or opening, title, text)

    def fits(self, title: str, year: int = 0) -> list[int]:
        """Dense ids of the films that are called exactly that, in the year if one is given; [] if there is none.

        A whole title comes before a name within it, and that before one that differs in its article or its spaces.
        """
        for items in self.called(title):
            if found := self._of_year(items, year):
                return found
        name = normalise(title)
        return self._of_year(self._loose.get(squeezed(name), ()), year)

    def called(self, title: str) -> tuple[list[int], list[int]]:
        """Dense ids, of any year: the films whose whole title that is, and those that have it as a name in theirs."""
        name = normalise(title)
        return self._whole.get(name, []), self._parts.get(name, [])

    def _named(self, text: str) -> list[int]:
        return next((found for reading in readings(text) if (found := self.fits(*reading))), [])

    def _by_opening(self, text: str) -> list[int]:
        """Films whose title, or a name within it, begins with these words; a word that is begun does not count."""
        for title, year in readings(text):
            start = without_article(normalise(title))
            names = self._between(f"{start} ", f"{start} {LAST}")
            if found := self._of_year(sorted({item for _, item in names}), year):
                return sorted({*found, *self._of_year(self.initials(start), year)})
        return []

    def initials(self, start: str) -> list[int]:
        """Films whose name begins with these letters as words of their own: "et" for E.T."""
        apart = f"{' '.join(start)} "
        return [item for _, item in self._between(apart, apart + LAST)] if start.isalpha() else []

    def _of_year(self, items: Iterable[int], year: int) -> list[int]:
        return [item for item in items if not year or self.years[item] == year]

    def _item_of(self, text: str) -> int | None:
        """The dense id of the item with this own id; None if there is none."""
        try:
            return self.dataset.find_item(text)
        except ValueError:
            return None

    def _by_item_id(self, own: str, text: str) -> int:
        item = self._item_of(own)
        if item is None:
            raise UnknownTitle(self._none(text), "; give a title or another id")
        return item

    def _id_unless_title(self, own: str, item: int, named: list[int]) -> int:
        others = [other for other in named if other != item]
        if others:
            raise UnknownTitle(
                f"{own} is the id of {self.labels[item]} and the title of {self.listing(others)}",
                f"; write id:{own} or title:{own}",
                [item, *others],
            )
        return item

    def _only(self, found: list[int], title: str, text: str) -> int:
        if len(found) == 1:
            return found[0]
        if found:
            said = f"{_quoted(text)} fits {len(found)} {self.noun}s"
            raise UnknownTitle(said, f"; give one of these: {self.listing(found)}", found[:MOST_OFFERED])
        items = self._meant(title)
        advice = f"; did you mean {self.listing(items)}?" if items else "; give a title or an item id"
        raise UnknownTitle(self._none(text), advice, items)

    def _none(self, text: str) -> str:
        return f"no {self.noun} {_quoted(text)} in {self.dataset.name}"

    def listing(self, items: Sequence[int]) -> str:
        """Films with what to type for each, as a message names them; of more than `MOST_OFFERED` the first."""
        shown = [f"{self.dataset.names[i]} = id:{self.dataset.item_ids[i]}" for i in items[:MOST_OFFERED]]
        return "; ".join(shown) + ("; ..." if len(items) > MOST_OFFERED else "")

    def _meant(self, text: str) -> list[int]:
        """Films that somebody may mean: their title begins so, or is alike, or a word in it begins so; or that id."""
        title, _ = title_and_year(text)
        wanted = without_article(normalise(title)) if text else ""
        if not wanted:
            return []
        begun = [item for _, item in self._between(wanted, wanted + LAST)[:3]]
        within = [item for name, item in self.names if f" {wanted}" in name]
        numbered = [] if (own := self._item_of(text)) is None else [own]
        return [*dict.fromkeys([*begun, *self.alike(wanted), *within[:3]])][:4] + numbered

    # What only some look-ups need, made when the first of them comes.

    def prepare(self) -> None:
        """Make all of that now, before somebody types."""
        _ = self._squeezed, self._by_length

    @cached_property
    def names(self) -> list[tuple[str, int]]:
        """Every name of every film without its English article, sorted, with the film's dense id."""
        tables = (self._whole, self._parts)
        return sorted(
            {(without_article(name), item) for table in tables for name, items in table.items() for item in items}
        )

    @cached_property
    def _loose(self) -> Table:
        loose: dict[str, dict[int, None]] = {}
        for table in (self._whole, self._parts):
            for name, items in table.items():
                loose.setdefault(squeezed(name), {}).update(dict.fromkeys(items))
        return {name: list(items) for name, items in loose.items()}

    def begun_without_spaces(self, wanted: str) -> list[int]:
        """The films whose names begin so once spaces are taken out of both: "spiderm" for Spider-Man."""
        start = squeezed(wanted)
        low, high = (bisect_left(self._squeezed, end) for end in (start, start + LAST))
        return [item for name in self._squeezed[low:high] for item in self._loose[name]]

    @cached_property
    def _squeezed(self) -> list[str]:
        return sorted(self._loose)

    @cached_property
    def _by_length(self) -> list[str]:
        """Every name once, the shortest first: names whose lengths differ much cannot be alike."""
        return sorted(dict.fromkeys(name for name, _ in self.names), key=len)

    def _between(self, low: str, high: str) -> list[tuple[str, int]]:
        return self.names[bisect_left(self.names, (low,)) : bisect_left(self.names, (high,))]

    def alike(self, wanted: str) -> list[int]:
        """The films whose names are most like `wanted`, a normal form without its article."""
        names, (short, long) = self._by_length, (len(wanted) * ALIKE / (200 - ALIKE), len(wanted) * (200 / ALIKE - 1))
        low, high = bisect_left(names, ceil(short), key=len), bisect_left(names, floor(long) + 1, key=len)
        close = process.extract(wanted, names[low:high], scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3)
        return [item for name, _, _ in close for _, item in self._between(name, f"{name} ")]

    @cached_property
    def _by_label(self) -> dict[str, int]:
        """Dense ids by the labels of films that share their title and year."""
        pairs = zip(self.labels, self.dataset.names, strict=True)
        return {label.casefold(): item for item, (label, name) in enumerate(pairs) if label != name}


def readings(text: str) -> Iterator[tuple[str, int]]:
    """What a text can mean, as title and year (0 for any): as files and people write it, as it stands, 'title year'."""
    if text:
        yield title_and_year(text)
        yield text, 0
        if match := _BARE_YEAR.fullmatch(text):
            yield match[1], int(match[2])


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
