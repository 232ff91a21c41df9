"""Codes by which the world knows an item: ISBN, ASIN and shops' own; in the forms in which files write one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

COLUMNS = (  # plain names, the surest first
    *("isbn13", "isbn", "isbn10", "isbnuid", "asinisbn", "asin", "ean", "gtin", "sku", "productid", "stockcode"),
    *("articleid", "articlenumber"),
)
_WRAPPED = re.compile(r"^[\s=\"'\[]+|[\s\"'\]]+$")  # ="0441013503", as Goodreads writes it, or [0441013503]
_ISBN_10, _ISBN_13 = re.compile(r"\d{9}[\dX]"), re.compile(r"978\d{10}")
_TELLING = 8  # digits of a number that is no mere count of one shop's


def code_in(text: str) -> str:
    """The code in a cell, "" for none, or for a short number that may be any data set's.

    >>> code_in('="0441013503"'), code_in("978-0-441-01359-3"), code_in("B000FA64PK"), code_in("7")
    ('0441013503', '9780441013593', 'B000FA64PK', '')
    """
    text = _WRAPPED.sub("", text)
    if re.fullmatch(r"[\d -]+[\dXx]", text):
        text = re.sub(r"[ -]", "", text).upper()
    return text if text and not (text.isdecimal() and len(text) < _TELLING) else ""


def forms(code: str) -> Iterator[str]:
    """A code, and the others that a file may write for it: an ISBN of 10 or 13 digits, with its zeros or without.

    >>> list(forms("0441013597"))
    ['0441013597', '441013597', '9780441013593']
    """
    full = code.zfill(10) if code.isdecimal() and len(code) in (8, 9) else code
    several = [full, code]
    if _ISBN_10.fullmatch(full) and _check_10(full[:9]) == full[9]:
        several += [full.lstrip("0"), f"978{full[:9]}{_check_13('978' + full[:9])}"]
    elif _ISBN_13.fullmatch(code):
        short = code[3:12] + _check_10(code[3:12])
        several += [short, short.lstrip("0")]
    yield from dict.fromkeys(several)


def _check_10(digits: str) -> str:
    rest = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def _check_13(digits: str) -> str:
    return str(-sum((3 if place % 2 else 1) * int(digit) for place, digit in enumerate(digits)) % 10)
