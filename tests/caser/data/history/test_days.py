"""Days as services write them; what `caser.data.table.times` can read, histories can."""

from __future__ import annotations

from datetime import date

import pytest

from caser.data.history.days import days


@pytest.mark.parametrize(
    "text",
    [
        "2012-01-07",
        "2012/1/7",
        "2012-01-07T23:59:59.000Z",
        "2012-01-07 23:59:59",
        "2012. 1. 7.",
        "Sat Jan  7 00:00:00 2012",
        "Sat, 07 Jan 2012 10:00:00 +0000",
        "07 Jan 2012 10:00",
        "07 Jan 2012, 10:00",
        "7 January 2012",
        "January 7, 2012",
        "07-Jan-2012",
        "20120107",
        "1325930400",
        "1325930400000",
        "1325930400000000",
        "1325930400.5",
    ],
)
def test_a_day_in_each_form(text):
    assert days("a.csv", [text]) == [date(2012, 1, 7)]


def test_forms_may_be_mixed_and_others_are_none():
    texts = ["2012-01-07", "1/13/2012", "07 Jan 2012", "1325930400", "soon", "", "0", "12", "1850-01-01", "9999-01-01"]
    read = days("a.csv", texts)
    assert read == [date(2012, 1, 7), date(2012, 1, 13), date(2012, 1, 7), date(2012, 1, 7), *[None] * 6]
