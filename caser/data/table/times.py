"""Times as files write them: numbers since 1970 in some unit, ISO dates, or days with the day or month first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from caser.data.table.opening import Undecided

LATEST = 4_102_444_800  # seconds: the year 2100
EARLIEST = 1e8  # seconds: March 1973; smaller numbers are hardly ever times
_UNITS = ((1e17, 1e9, "nanoseconds"), (1e14, 1e6, "microseconds"), (1e11, 1e3, "milliseconds"))
_DAY = (
    r"^\s*(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})"
    r"(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp])\.?[Mm]\.?)?)?\s*$"
)
_COMPACT = ((1.9e13, 2.1e13, "%Y%m%d%H%M%S"), (1.9e7, 2.1e7, "%Y%m%d"))  # numbers that are written dates
UNSIGNED = "dates without signs"  # their form's name
_EXCEL = 25_569  # days from Excel's beginning to 1970
_NAMED = (  # with the month in words
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


def seconds(texts: pd.Series, what: str, day_first: bool | None = None) -> tuple[np.ndarray, np.ndarray, str]:
    """int64 seconds since 1970, 0 where that is unclear; bool whether it is clear; and the form they had.

    Args:
        texts: str (n,), each different value once. what: how to call the column in a message.
        day_first: whether 1/2/2020 is in February, for files that do not tell.

    Raises:
        Undecided: days that could be read either way.
    """
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(float)
    if np.isfinite(numbers).mean() >= 0.5:
        return from_numbers(numbers)
    return _in_range(*_from_dates(texts, what, day_first))


def from_numbers(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """As `seconds`, of numbers (n,), the unit taken from their size; nan where there is none."""
    middle = float(np.nanmedian(numbers))
    for least, most, form in _COMPACT:
        if least <= middle < most:
            place, written = pd.factorize(numbers, use_na_sentinel=False)
            texts = pd.Series([f"{number:.0f}" for number in written])
            found = _since_1970(pd.to_datetime(texts, format=form, utc=True, errors="coerce"))[place]
            if np.isfinite(found).mean() >= 0.5:
                return _in_range(found, UNSIGNED)
    if 20_000 <= middle <= 80_000 and (numbers % 1 > 0).mean() >= 0.5:
        return _in_range(np.round((numbers - _EXCEL) * 86_400), "days as Excel counts them")
    for least, divisor, unit in _UNITS:
        if middle >= least:
            return _in_range(np.floor(numbers / divisor), unit)
    return _in_range(np.floor(numbers), "seconds")


def _in_range(found: np.ndarray, unit: str) -> tuple[np.ndarray, np.ndarray, str]:
    good = np.isfinite(found) & (found >= 0) & (found <= LATEST)
    return np.where(good, found, 0).astype(np.int64), good, unit


def _from_dates(texts: pd.Series, what: str, day_first: bool | None) -> tuple[np.ndarray, str]:
    texts = texts.str.strip().str.replace(r"\s*(?:UTC|GMT)$", "", regex=True)
    parts = texts.str.extract(_DAY)
    if parts[0].notna().mean() >= 0.5:
        return _from_days(parts, what, day_first)
    found = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    if found.notna().mean() >= 0.5:
        return _since_1970(found), "ISO dates"
    tried = (pd.to_datetime(texts, format=form, utc=True, errors="coerce") for form in _NAMED)
    best = max(tried, key=lambda times: times.notna().sum())
    return _since_1970(best), "dates with the month in words"


def _from_days(parts: pd.DataFrame, what: str, day_first: bool | None) -> tuple[np.ndarray, str]:
    values = parts.drop(columns=6).apply(pd.to_numeric)
    if (values[0] > 12).any() or (values[1] > 12).any():
        day_first = bool((values[0] > 12).any())
    elif day_first is None:
        raise Undecided(f"{what} does not tell whether the day or the month comes first; say which")
    day, month = (0, 1) if day_first else (1, 0)
    year = values[2] + np.where(values[2] < 70, 2000, np.where(values[2] < 100, 1900, 0))
    hour = values[3].fillna(0)
    half = parts[6].str.lower()  # of the day: 12 am is midnight
    hour = (hour % 12 + 12 * (half == "p")).where(half.notna(), hour)
    named = {"year": year, "month": values[month], "day": values[day]}
    named |= {"hour": hour, "minute": values[4].fillna(0), "second": values[5].fillna(0)}
    found = pd.to_datetime(pd.DataFrame(named), errors="coerce", utc=True)
    return _since_1970(found), f"dates with the {'day' if day_first else 'month'} first"


def _since_1970(times: pd.Series) -> np.ndarray:
    """Seconds, nan for no time; in microseconds, since nanoseconds end in 2262 and databases write 9999 for "none"."""
    stamps = times.dt.tz_localize(None).to_numpy("datetime64[us]")
    return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)
