"""What two spellings of one title have in common beyond their normal form: numbers, abbreviations, filler words."""

from __future__ import annotations

import re

NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
            *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        )
    )
}
ROMAN = {
    word: str(number)
    for number, word in enumerate(
        (
            *("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
            *("xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"),
        ),
        1,
    )
}
_SAME = {"mr": "mister", "dr": "doctor", "st": "saint", "vs": "versus", "n": "and", "vol": "volume", "pt": "part"}
_PARTS = frozenset({"part", "volume", "chapter", "episode"})
_SPECIAL = _PARTS.union(NUMBERS, ROMAN, _SAME)  # few names have one of these words
_DIGITS = re.compile(r"\d+")
_THOUSANDS = re.compile(r"(?<=\d) (?=000\b)")


def plain(name: str) -> str:
    """A normal form with numbers as digits, without "part" before them, and with abbreviations spelt out.

    A Roman number counts where it is not the first word, "i" only behind "part".

    >>> [plain("rocky iv"), plain("the godfather part two"), plain("kill bill vol 1"), plain("dr no"), plain("x men")]
    ['rocky 4', 'the godfather 2', 'kill bill 1', 'doctor no', 'x men']
    >>> plain("20 000 leagues")
    '20000 leagues'
    """
    if " 000" in name:
        name = _THOUSANDS.sub("", name)
    given = name.split(" ")
    if _SPECIAL.isdisjoint(given):
        return name
    words: list[str] = []
    for place, word in enumerate(given):
        word = NUMBERS.get(word, _SAME.get(word, word))
        behind_part = bool(words) and words[-1] in _PARTS
        if place and (word != "i" or behind_part):
            word = ROMAN.get(word, word)
        if behind_part and word.isdigit() and len(words) > 1:
            words.pop()
        words.append(word)
    return " ".join(words)


def numbers(name: str) -> list[str]:
    """The numbers in a `plain` name: "rocky 2" and "rocky 3" are two films.

    >>> numbers("apollo 13")
    ['13']
    """
    return sorted(_DIGITS.findall(name))
