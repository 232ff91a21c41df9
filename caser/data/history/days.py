"""Days as files write them; whether a file puts the day or the month first is found out from all of its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from caser.data.history.entry import Undecided
from caser.data.table import times

_YEAR_FIRST = re.compile(r"(\d{4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,2})\.?(?:[T ].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{2}|\d{4})\.?(?:[,T ].*)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
FIRST, LAST = 1895, 2100  # years in which a film can have been watched
DAY_FIRST = "day_first"


def days(name: str, texts: Sequence[str], day_first: bool | None = None) -> list[date | None]:
    """Each text as a day, None if it is not one between 1895 and 2100.

    Args:
        name: of the file. day_first: whether 1/2/2020 is in February; None finds it out from the texts.

    Raises:
        Undecided: the texts can be read both ways.

    >>> days("a.csv", ["12/1/20", "12/31/19", "2019-05-01 20:15:00", "soon"])
    [datetime.date(2020, 12, 1), datetime.date(2019, 12, 31), datetime.date(2019, 5, 1), None]
    """
    texts = [text.strip() for text in texts]
    short = [match.groups() for text in texts if (match := _YEAR_LAST.fullmatch(text))]
    if day_first is None and short:
        day_first = _is_day_first(name, [tuple(map(int, groups)) for groups in short])
    different = dict.fromkeys(filter(None, texts))
    read = {text: _day(text, bool(day_first)) for text in different if _is_calendar(text)}
    others = [text for text in different if text not in read]
    for alike in ([text for text in others if bool(_NUMBER.fullmatch(text)) == number] for number in (True, False)):
        read |= _in_other_forms(name, alike)
    return [read.get(text) for text in texts]


def _is_day_first(name: str, written: list[tuple[int, int, int]]) -> bool:
    """Whether the first number of each date is the day: one above 12 decides, or that only one way is in order."""
    above = [any(numbers[place] > 12 for numbers in written) for place in (0, 1)]
    if above[0] != above[1]:
        return above[0]
    if all(first == second for first, second, _ in written):
        return True
    as_days = [(year, month, day) for day, month, year in written]
    as_months = [(year, month, day) for month, day, year in written]
    in_order = [_in_order(found) for found in (as_days, as_months)]
    if not any(above) and in_order[0] != in_order[1]:
        return in_order[0]
    first = next(numbers for numbers in written if numbers[0] != numbers[1])
    example = "{}/{}/{}".format(*first)
    why = "Some can only have the day first, others only the month" if all(above) else "No date shows which comes first"
    raise Undecided(
        f"{name} has dates such as {example}: is that the day first or the month? {why}; say which it is",
        DAY_FIRST,
        {
            True: f"the day first: {example} is day {first[0]} of month {first[1]}",
            False: f"the month first: {example} is day {first[1]} of month {first[0]}",
        },
    )


def _in_order(found: list[tuple[int, int, int]]) -> bool:
    return found == sorted(found) or found == sorted(found, reverse=True)


def _is_calendar(text: str) -> bool:
    return bool(_YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text))


def _day(text: str, day_first: bool) -> date | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(*match.groups())
    first, second, year = _YEAR_LAST.fullmatch(text).groups()
    year = f"20{year}" if len(year) == 2 else year
    return _date(year, second, first) if day_first else _date(year, first, second)


def _in_other_forms(name: str, texts: list[str]) -> dict[str, date | None]:
    """Numbers since 1970, or dates with the month in words, as tables have them."""
    if not texts:
        return {}
    instants, clear, _ = times.instants(pd.Series(texts, dtype="str"), name, day_first=False)
    seconds = instants // times.SECOND
    usable = clear & (seconds >= times.EARLIEST)
    return {text: _of_epoch(n) for text, n, good in zip(texts, seconds.tolist(), usable, strict=True) if good}


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day)) if FIRST <= int(year) <= LAST else None
    except ValueError:
        return None


def _of_epoch(seconds: int) -> date:
    return (datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)).date()
