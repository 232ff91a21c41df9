"""How wide text is at most, without a browser to measure it: it must not overflow in any usual sans-serif font."""

from __future__ import annotations

import unicodedata

_EMS = {  # widths in DejaVu Sans, the widest of the usual fonts
    0.3: " 'IJijl",
    0.35: ",./:;\\|",
    0.42: "!()-[]frt",
    0.5: '"*_`',
    0.57: "?csz",
    0.6: "FLkvxy",
    0.65: "$0123456789EPSTYabdeghnopqu{}–",
    0.7: "ABCKRVXZ",
    0.75: "NU",
    0.8: "&DGHOQ",
    0.87: "#+<=>^w~",
    0.9: "M",
    1.0: "%@Wm…",
}
_EM = {letter: em for em, letters in _EMS.items() for letter in letters}
_BOLD = 1.16  # times as wide
_ALPHABETS, _EMOJI, _UNKNOWN = 0.85, 1.4, 1.1  # ems, at most: other letters below U+0700, pictures, whatever else
_JOINERS = "\u200c\u200d"  # between letters of Persian, and pictures that make one
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # among them signs that turn the direction of what follows
CUT = "…"


def clean(text: str) -> str:
    """`text` on one line, without what is not seen and what XML cannot hold."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or c in _JOINERS or _category(c) not in _UNSEEN)
    return " ".join("".join(kept).split())


def width(text: str, size: float, bold: bool = False) -> float:
    """At most so wide, in the unit of `size`.

    >>> round(width("Alien", 20), 1), width("七人の侍", 20)
    (52.0, 80.0)
    """
    return sum(map(_em, text)) * size * (_BOLD if bold else 1.0)


def fit(text: str, most: float, size: float, bold: bool = False) -> str:
    """`text` cut to at most so wide, with an ellipsis where something is lost.

    >>> fit("The Bridge on the River Kwai (1957)", 150, 20)
    'The Bridge…'
    """
    if width(text, size, bold) <= most:
        return text
    room = most - width(CUT, size, bold)
    return f"{text[: _letters(text, room, size, bold)].rstrip()}{CUT}" if room >= 0 else ""


def wrapped(text: str, most: float, size: float, rows: int, bold: bool = False) -> list[str]:
    """`text` in at most `rows` lines, broken between words where there are any; the last is cut if need be.

    >>> wrapped("The Bridge on the River Kwai", 160, 20, 2)
    ['The Bridge on', 'the River Kwai']
    """
    lines = []
    while text and len(lines) < rows - 1 and width(text, size, bold) > most:
        end = max(_letters(text, most, size, bold), 1)
        space = text.rfind(" ", 1, end + 1)
        end = space if space > 0 else end
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*lines, fit(text, most, size, bold)] if text else lines


def _letters(text: str, most: float, size: float, bold: bool) -> int:
    """How many letters from the start fit; none is parted from the marks on it."""
    end, used = 0, 0.0
    while end < len(text):
        used += width(text[end], size, bold)
        if used > most:
            break
        end += 1
    while 0 < end < len(text) and (not _em(text[end]) or text[end - 1] in _JOINERS):
        end -= 1
    return end


def _em(letter: str) -> float:
    if letter in _EM:
        return _EM[letter]
    if _category(letter) in ("Mn", "Me") or letter in _JOINERS:
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return _EMOJI if _category(letter) in ("So", "Sk") else 1.0
    base = unicodedata.normalize("NFD", letter)[0]
    if base in _EM:
        return _EM[base]
    return _ALPHABETS if letter < "\u0700" else len(unicodedata.normalize("NFKC", letter)) * _UNKNOWN


def _category(letter: str) -> str:
    return unicodedata.category(letter)
