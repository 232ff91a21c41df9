"""What the values of a column are, on a sample of its rows: how many, how often, of what kind, in which range."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from caser.data.table import times
from caser.data.table.opening import Undecided
from caser.data.table.reading import MISSING
from caser.data.table.times import numbers_in

FIRST, LAST = 788_918_400, 2_000_000_000  # seconds: 1995 to 2033, where times are plausible
_PROBED = 60  # different texts that show whether a column holds dates
_YEARS = 20 * 365 * 86_400  # seconds that the times of one file span at the most
_LONG = 60  # letters of a text that is no id

_DATED = re.compile(r"\d[-/.:, T]|[-/.:, ]\d")  # somewhere in every date that is no number
_LETTERS = re.compile(r"[^\W\d_]{2}")
_LED = re.compile(r"([^\W\d_]{1,12})[-_: #]?\d+")
_ISBN = re.compile(r"[0-9]{9}[0-9Xx]")  # others have ten digits, too, and no X
_SHAPES = (  # what ids of a kind look like: above 0 an item's, below a user's
    (re.compile(r"B0[0-9A-Z]{8}"), 3.0),
    (re.compile(r"A[0-9A-Z]{11,13}|AE[0-9A-Z]{26}"), -3.0),
    (re.compile(r"[^@\s]+@[^@\s]+\.\w+"), -3.0),
    (re.compile(r"tt\d{7,8}"), 3.0),
    (re.compile(r"spotify:(?:track|album|artist|episode):\w+"), 3.0),
    (re.compile(r"https?://\S+"), 2.0),
)


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes:
        codes: int (n,), each row's place in `values`, -1 where it has none. values: (d,) its different texts.
    """

    name: str
    codes: np.ndarray
    values: np.ndarray

    @cached_property
    def rows(self) -> int:
        """How many rows have a value."""
        return int((self.codes >= 0).sum())

    @property
    def missing(self) -> float:
        """The share of rows without a value."""
        return 1 - self.rows / max(1, len(self.codes))

    @property
    def distinct(self) -> int:
        return len(self.values)

    @cached_property
    def counts(self) -> np.ndarray:
        """int (d,), how often each value is there."""
        return np.bincount(self.codes[self.codes >= 0], minlength=self.distinct)

    @property
    def is_new_in_every_row(self) -> bool:
        return self.rows > 1 and self.distinct == self.rows

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """float (d,), the values as numbers; None unless nearly all are some."""
        found = numbers_in(pd.Series(self.values, dtype="str")).to_numpy(float)
        return found if len(found) and np.isfinite(found).mean() >= 0.98 else None

    @cached_property
    def finite(self) -> np.ndarray:
        """float, those of the numbers that are finite; none for texts."""
        return np.empty(0) if self.numbers is None else self.numbers[np.isfinite(self.numbers)]

    @property
    def is_fraction(self) -> bool:
        """Whether the values are numbers and not all whole."""
        return bool(len(self.finite)) and bool((self.finite % 1 != 0).any())

    @property
    def is_index(self) -> bool:
        """Whether the values count the rows."""
        numbers = self.finite
        if not self.is_new_in_every_row or len(numbers) < self.distinct:
            return False
        return bool(np.ptp(numbers) == self.rows - 1 or (np.diff(numbers) == 1).mean() >= 0.9)

    @property
    def is_year(self) -> bool:
        numbers = self.finite
        return len(numbers) > 1 and bool(((numbers >= 1880) & (numbers <= 2035)).all())

    @cached_property
    def stars(self) -> float:
        """How much the values are like a scale of ratings: 2.5 for 1 to 5 or 1 to 10, 0 for what is none.

        A scale has hardly a gap, ends with 5 or 10, and its lowest is not what most rows have, as in a count.
        """
        numbers = np.sort(self.finite)
        if not 3 <= len(numbers) <= 25 or numbers[0] < 0 or numbers[-1] > 100:
            return 0.0
        if (numbers * 2 % 1 != 0).any():
            return 1.0 if len(numbers) <= 11 else 0.0
        step = 0.5 if self.is_fraction else 1.0
        filled = len(numbers) * step / (np.ptp(numbers) + step) >= 0.8 and numbers[0] <= 0.5 * numbers[-1]
        counted = numbers[0] == 0 and numbers[-1] < 10 and self.numbers[self.counts.argmax()] == 0
        if filled and numbers[-1] in (5, 10) and not counted:
            return 2.5
        low = self.counts[self.numbers == numbers[0]].sum() >= 0.5 * self.rows  # as in a count
        return 1.0 if numbers[-1] <= 10 and not low else 0.0

    # ---- times

    @cached_property
    def _times(self) -> tuple[np.ndarray, np.ndarray, str]:
        """Of each value the nanoseconds since 1970, whether it is a time, and the form; all unclear for other texts."""
        texts = pd.Series(self.values, dtype="str")
        nothing = np.zeros(len(texts), np.int64), np.zeros(len(texts), bool), ""
        if not len(texts):
            return nothing
        if self.numbers is None:
            probed = self.values[:: max(1, len(texts) // _PROBED)]
            if _share(_DATED.search(text) and len(text) <= 40 for text in probed) < 0.9:
                return nothing
            if _instants(pd.Series(probed, dtype="str"))[1].mean() < 0.9:
                return nothing
        return _instants(texts)

    @cached_property
    def moments(self) -> np.ndarray:
        """(n,), each row's nanoseconds since 1970, or its number where the values are no times; 0 where it has none."""
        stamps, clear, _ = self._times
        of_values = stamps * clear if self.as_time or self.numbers is None else np.nan_to_num(self.numbers)
        return np.where(self.codes >= 0, of_values[self.codes], 0) if self.distinct else np.zeros(len(self.codes))

    @cached_property
    def as_time(self) -> float:
        """How much the values are times: 4 for dates, about 3 for seconds since 1970 that are plausible, 0 for others.

        Numbers are ids as well as times where they span decades, or where fine times come again and again.
        """
        stamps, clear, form = self._times
        if self.distinct < 2 or clear.mean() < 0.9:
            return 0.0
        if self.numbers is None:
            return 4.0
        seconds = stamps[clear] // times.SECOND
        if form == times.UNSIGNED:
            return 3.5 if clear.all() else 0.0
        if ((seconds < FIRST) | (seconds > LAST)).mean() > 0.02:
            return 0.0
        hours = bool((seconds % 3_600 == 0).all())
        again = self.rows >= 100 and self.distinct < 0.5 * self.rows and not hours
        return 1.0 if again or np.ptp(seconds) > _YEARS or form.startswith("days") else 3.0

    # ---- texts

    @cached_property
    def texts(self) -> list[str]:
        """Some of the values, about 300 at the most."""
        return self.values[:: max(1, self.distinct // 300)].tolist()

    @cached_property
    def is_long(self) -> bool:
        """Whether the values are texts rather than names or ids, such as reviews and lists."""
        return _share(len(text) > _LONG for text in self.texts) > 0.5 and any(" " in text for text in self.texts)

    @cached_property
    def is_wordy(self) -> bool:
        """Whether the values are like titles: words, several of them in many, and not as many in each."""
        if not self.distinct or self.numbers is not None or self.as_time:
            return False
        counts = np.array([len(text.split()) for text in self.texts])
        several = (counts > 1).mean() >= 0.3 and np.bincount(counts).max() < 0.95 * len(counts)
        return bool(several) and _share(_LETTERS.search(text) for text in self.texts) >= 0.8

    @cached_property
    def shape(self) -> float:
        """Whether the form of the values is that of items (above 0) or of users (below 0), about -3 to 3."""
        for form, weight in _SHAPES:
            if _share(form.fullmatch(text) for text in self.texts) >= 0.8:
                return weight
        books = _share(_ISBN.fullmatch(text) for text in self.texts) >= 0.8
        if books and any(text[-1] in "Xx" for text in self.texts):
            return 2.0
        return 2.0 if self.is_wordy else 0.0

    @cached_property
    def prefix(self) -> str:
        """The letters that nearly every value begins with before a number: "u" of u1, u2; "" for none."""
        led = [match[1].lower() for match in map(_LED.fullmatch, self.texts) if match]
        return led[0] if led and len(led) >= 0.9 * len(self.texts) and len(set(led)) == 1 else ""

    @property
    def is_of_the_clock(self) -> bool:
        """Whether the values may be hours or places in a list: whole numbers up to 23, or such hundreds."""
        numbers = self.finite
        if not len(numbers) or self.is_fraction or numbers.min() < 0:
            return False
        return bool(numbers.max() <= 23 or (numbers.max() <= 2359 and (numbers % 100 == 0).all()))

    # ---- what a message says

    @property
    def how_often(self) -> str:
        """How many values there are, and how often each: "30 values, each 8 to 12 times"."""
        if self.distinct < 2:
            return f"one value, {str(self.values[0])[:40]!r}" if self.distinct else "no value"
        if self.is_new_in_every_row:
            return f"{self.distinct:,} values, new in every row"
        least, most = int(self.counts.min()), int(self.counts.max())
        each = f"{least:,} times" if least == most else f"{least:,} to {most:,} times"
        return f"{self.distinct:,} values, each {each}"

    @property
    def kind(self) -> str:
        """What the values are: "whole numbers 1 to 30", "dates", "words such as 'u1'"."""
        if self.as_time >= 2:
            stamps, clear, _ = self._times
            first, last = (pd.Timestamp(int(edge)).strftime("%Y-%m-%d") for edge in _edges(stamps[clear]))
            return f"times {first} to {last}"
        if len(self.finite):
            kind = "numbers" if self.is_fraction else "whole numbers"
            return f"{kind} {self.finite.min():g} to {self.finite.max():g}"
        return f"words such as {str(self.values[0])[:30]!r}" if self.distinct else "nothing"


def columns_of(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """The profile of every column of rows of texts, in their order."""
    cells = zip(*rows, strict=True) if rows else [()] * len(names)
    return [_column(name, values) for name, values in zip(names, cells, strict=True)]


def _column(name: str, cells: Sequence[str]) -> Column:
    texts = pd.Series(cells, dtype=object).str.strip() if cells else pd.Series([], dtype=object)
    codes, values = pd.factorize(texts)
    values = np.asarray(values, object)
    none = np.array([value.lower() in MISSING for value in values], bool)
    if none.any():
        places = np.where(none, -1, np.cumsum(~none) - 1)
        codes, values = np.where(codes >= 0, places[codes], -1), values[~none]
    return Column(name, codes, values)


def _share(fits: Iterable[object]) -> float:
    """The share of what is true; 0 of nothing."""
    fits = [bool(fit) for fit in fits]
    return sum(fits) / len(fits) if fits else 0.0


def _instants(texts: pd.Series) -> tuple[np.ndarray, np.ndarray, str]:
    try:
        return times.instants(texts, "")
    except Undecided:  # days or months first: dates they are
        return times.instants(texts, "", day_first=True)


def _edges(stamps: np.ndarray) -> tuple[int, int]:
    return int(stamps.min()), int(stamps.max())


# ---- what one column says of another


def new_values(column: Column, other: Column) -> float:
    """The share of a value's further rows that bring a new value of another column; nan where hardly one comes again.

    0 where `column` determines `other`, as a product its category.
    """
    both = (column.codes >= 0) & (other.codes >= 0)
    keys = column.codes[both].astype(np.int64)
    again = both.sum() - len(pd.unique(keys))
    if again < 3:
        return float("nan")
    pairs = len(pd.unique(keys * max(1, other.distinct) + other.codes[both]))
    return float((pairs - len(pd.unique(keys))) / again)


def gathered(column: Column, clock: Column) -> tuple[float, float]:
    """How much the rows of one value lie together in time: the share of the variance, and in standard errors.

    Times count by their rank. (0, 0) where there are too few rows.
    """
    rows = (column.codes >= 0) & (clock.moments > 0)
    keys, rank = pd.factorize(column.codes[rows])[0], pd.Series(clock.moments[rows]).rank().to_numpy()
    groups = int(keys.max(initial=-1)) + 1
    within, between = len(rank) - groups, groups - 1
    if within < 10 or between < 1 or not np.ptp(rank):
        return 0.0, 0.0
    middle = np.bincount(keys, rank) / np.bincount(keys)
    inner = float(((rank - middle[keys]) ** 2).sum()) / within
    whole = float(rank.var(ddof=1))
    ratio = whole / max(inner, 1e-9) - 1
    return max(0.0, 1 - inner / whole), float(ratio / np.sqrt(2 / between + 2 / within))


def rising(column: Column, clock: Column) -> tuple[float, int]:
    """The share of steps from one row of a value to its next in which time does not go back; and how many there are."""
    order = np.argsort(column.codes, kind="stable")
    codes, stamps = column.codes[order], clock.moments[order]
    same = (codes[1:] == codes[:-1]) & (codes[1:] >= 0)
    steps = np.diff(stamps)[same]
    return (float((steps >= 0).mean()), len(steps)) if len(steps) else (0.0, 0)


def in_runs(column: Column) -> float:
    """How much the rows of a value stand together: 1 where each value has one run, 0 where no two neighbours agree."""
    again = column.rows - column.distinct
    joined = int(((column.codes[1:] == column.codes[:-1]) & (column.codes[1:] >= 0)).sum())
    return joined / again if again > 0 else 0.0
