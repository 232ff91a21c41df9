"""Times as files write them: numbers since 1970 in some unit, ISO dates, or days with the day or month first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from caser.data.table.opening import Undecided

SECOND = 10**9  # nanoseconds
LATEST = 4_102_444_800 * SECOND  # the year 2100
_UNITS = (  # the least number of each, and its nanoseconds
    (1e17, 1, "nanoseconds"),
    (1e14, 1_000, "microseconds"),
    (1e11, 1_000_000, "milliseconds"),
    (-np.inf, SECOND, "seconds"),
)
_WHOLE = r"\d{1,18}|[1-8]\d{18}"
EARLIEST = 1e8  # seconds: March 1973; smaller numbers are hardly ever times
_DAY = (
    r"^\s*(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*([AaPp])\.?[Mm]\.?)?)?\s*$"
)
_COMPACT = ((1.9e13, 2.1e13, "%Y%m%d%H%M%S"), (1.9e7, 2.1e7, "%Y%m%d"))  # numbers that are written dates
UNSIGNED = "dates without signs"  # their form's name
_EXCEL = 25_569  # days from Excel's beginning to 1970
_NAMED = (  # with the month in words
    "%d/%b/%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S %z",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d, %Y %H:%M",
    "%d-%b-%Y",
    "%d-%b-%Y %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %b %Y %H:%M",
    "%d %b %Y, %H:%M",
    "%d %B %Y",
)
FORMS = "seconds or milliseconds since 1970, 2020-01-31 10:00:00, 31.1.2020, 1/31/2020 1:05 PM, 31-Jan-2020 or 20200131"


Times = tuple[
    np.ndarray, np.ndarray
]  # int64 nanoseconds since 1970, 0 where that is unclear; bool, whether it is clear


def numbers_in(texts: pd.Series) -> pd.Series:
    """float64, nan for what is no number; with a decimal comma where that reads more of them."""
    plain = pd.to_numeric(texts, errors="coerce")
    if plain.notna().all() or texts.str.contains(".", regex=False).any():
        return plain
    comma = pd.to_numeric(texts.str.replace(",", ".", regex=False), errors="coerce")
    return comma if comma.notna().sum() > plain.notna().sum() else plain


def instants(texts: pd.Series, what: str, day_first: bool | None = None) -> tuple[np.ndarray, np.ndarray, str]:
    """int64 nanoseconds since 1970, 0 where that is unclear; bool whether it is clear; and the form they had.

    Args:
        texts: str (n,), each different value once. what: how to call the column in a message.
        day_first: whether 1/2/2020 is in February, for files that do not tell.

    Raises:
        Undecided: days that could be read either way.
    """
    numbers = numbers_in(texts).to_numpy(float)
    clear = np.isfinite(numbers)
    if clear.mean() < 0.5:
        return _from_dates(texts, what, day_first)
    whole = texts.str.strip().str.fullmatch(_WHOLE).to_numpy(bool)
    if (whole == clear).all():  # whole numbers may have more digits than a float
        numbers = texts.where(whole, "0").astype(np.int64).to_numpy()
    return from_numbers(numbers, clear)


def from_numbers(numbers: np.ndarray, clear: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray, str]:
    """As `instants`, of numbers (n,), the unit taken from their size; `clear` says which of them are some."""
    clear = np.isfinite(numbers) if clear is None else clear
    values, good, form = _in_unit(numbers, numbers[clear])
    return values, good & clear, form


def _in_unit(numbers: np.ndarray, clear: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    middle = float(np.median(clear))
    for least, most, form in _COMPACT:
        if least <= middle < most:
            values, good = _from_compact(numbers, form)
            if good.mean() >= 0.5:
                return values, good, UNSIGNED
    if 20_000 <= middle <= 80_000 and (clear % 1 > 0).any():
        return *_scaled(numbers - _EXCEL, 86_400 * SECOND, finest=1_000_000), "days as Excel counts them"
    each, unit = next((each, unit) for least, each, unit in _UNITS if middle >= least)
    return *_scaled(numbers, each), unit


def from_stamps(stamps: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """As `instants`, of datetime64 (n,)."""
    return *_counted(stamps), "times"


def _from_compact(numbers: np.ndarray, form: str) -> Times:
    """Numbers that are written dates."""
    whole = np.floor(numbers)
    place, written = pd.factorize(whole, use_na_sentinel=False)
    texts = pd.Series([f"{number:.0f}" for number in written])
    found, good = _since_1970(pd.to_datetime(texts, format=form, utc=True, errors="coerce"))
    part, _ = _scaled(numbers - whole, SECOND)
    return np.where(good[place], found[place] + part, 0), good[place]


def _scaled(numbers: np.ndarray, each: int, finest: int = 1_000) -> Times:
    """Numbers of which each stands for so many nanoseconds; parts of one are told apart to `finest` of them."""
    good = np.isfinite(numbers) & (numbers >= 0) & (numbers <= LATEST // each)
    numbers = np.where(good, numbers, 0)
    whole = numbers.astype(np.int64)
    found = whole * each
    if numbers.dtype.kind == "f":
        found += np.rint((numbers - whole) * (each / finest)).astype(np.int64) * finest
    return found, good


def _from_dates(texts: pd.Series, what: str, day_first: bool | None) -> tuple[np.ndarray, np.ndarray, str]:
    texts = texts.str.strip(" \t[]").str.replace(r"\s*(?:UTC|GMT)$", "", regex=True)
    parts = texts.str.extract(_DAY)
    if parts[0].notna().mean() >= 0.5:
        return _from_days(parts, what, day_first)
    texts = texts.str.replace(r"(:\d{2}),(\d)", r"\1.\2", regex=True)
    found = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    if found.notna().mean() >= 0.5:
        return *_since_1970(found), "ISO dates"
    tried = (pd.to_datetime(texts, format=form, utc=True, errors="coerce") for form in _NAMED)
    best = max(tried, key=lambda times: times.notna().sum())
    return *_since_1970(best), "dates with the month in words"


def _from_days(parts: pd.DataFrame, what: str, day_first: bool | None) -> tuple[np.ndarray, np.ndarray, str]:
    values = parts.drop(columns=[6, 7]).apply(pd.to_numeric)
    if (values[0] > 12).any() or (values[1] > 12).any():
        day_first = bool((values[0] > 12).any())
    elif day_first is None:
        raise Undecided(f"{what} does not tell whether the day or the month comes first; say which")
    day, month = (0, 1) if day_first else (1, 0)
    year = values[2] + np.where(values[2] < 70, 2000, np.where(values[2] < 100, 1900, 0))
    hour = values[3].fillna(0)
    half = parts[7].str.lower()  # of the day: 12 am is midnight
    hour = (hour % 12 + 12 * (half == "p")).where(half.notna(), hour)
    named = {"year": year, "month": values[month], "day": values[day]}
    named |= {"hour": hour, "minute": values[4].fillna(0), "second": values[5].fillna(0)}
    found, good = _since_1970(pd.to_datetime(pd.DataFrame(named), errors="coerce", utc=True))
    part = parts[6].fillna("").str.ljust(9, "0").astype(np.int64).to_numpy()
    return np.where(good, found + part, 0), good, f"dates with the {'day' if day_first else 'month'} first"


def _since_1970(times: pd.Series) -> Times:
    """Of times in whatever unit pandas keeps them; a time before 1970 or after `LATEST` is unclear."""
    return _counted(times.dt.tz_localize(None).to_numpy())


def _counted(stamps: np.ndarray) -> Times:
    unit, count = np.datetime_data(stamps.dtype)
    each = {"D": 86_400 * SECOND, "s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}[unit] * count
    return _scaled(np.where(np.isnat(stamps), -1, stamps.astype(np.int64)), each)
