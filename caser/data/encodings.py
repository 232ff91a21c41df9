"""Which encoding a text is in that is no UTF-8: the one in which its letters make words of one language."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import numpy as np

from caser.data.text import LOST, decoded

_UTF_8_AT_LEAST = 0.9  # of the letters beyond ASCII, for a text that is UTF-8 but for a few places
_SAMPLE, _OF_A_LINE = 1 << 16, 1 << 12  # bytes that are looked at
_NEUTRAL = frozenset("“”„‘’–—…«»№½°©®™·")  # signs that every Windows writes
_FIELD = re.compile(r"\s*(?:::|[,;|\t\n])\s*")

_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_LATIN = {  # letters beyond ASCII
    "Western": "éèàâêëîïôùûüçœæäößáíóúñåøã¿¡",
    "Portuguese": "áâãàçéêíóôõúü",
    "Polish": "ąćęłńóśźż",
    "Hungarian": "áéíóöőúüű",
    "Czech": "áčďéěíňóřšťúůýžľĺôŕä",
    "Croatian": "čćđšž",
    "Romanian": "ăâîşţ",
    "Turkish": "çğıöşüâî",
    "Baltic": "āčēģīķļņšūžąęėįųõäöü",
}


def _share(text: str, alphabet: frozenset[str], clash: Callable[[str, str], bool], cased: bool) -> float:
    """The share of the letters beyond ASCII that are of an alphabet, and make words.

    Capitals are at the start of words alone.

    Args:
        clash: whether a letter cannot stand between two others. cased: whether a text without capitals is doubted.
    """
    good = every = capitals = 0
    for before, letter, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if letter.isascii() or letter in _NEUTRAL:
            continue
        every, capitals = every + 1, capitals + letter.isupper()
        sound = not (letter.isupper() and before.islower()) and not clash(before, after)
        good += letter.lower() in alphabet and sound
    return good / every * (0.9 if cased and not capitals else 1.0) if every else 0.0


def _is_other(before: str, after: str) -> bool:
    """Letters beyond ASCII hardly follow each other in a language that is written in Latin letters."""
    return before.isalpha() and not before.isascii()


def _is_latin(before: str, after: str) -> bool:
    return (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha())


def _latin(language: str) -> Callable[[str], float]:
    clash = (lambda before, after: False) if language == "Polish" else _is_other
    return partial(_share, alphabet=frozenset(_LATIN[language]), clash=clash, cased=False)


def _script(letters: str, cased: bool = False) -> Callable[[str], float]:
    return partial(_share, alphabet=frozenset(letters), clash=_is_latin, cased=cased)


def _wide_share(text: str, encoding: str, common: Callable[[str, bytes], bool], kana: bool = False) -> float:
    """The share of the characters beyond ASCII that are common in a language whose characters take two bytes."""
    wide = [letter for letter in text if not letter.isascii() and unicodedata.category(letter)[0] not in "PZS"]
    wide += [LOST] * text.count(LOST)
    if not wide:
        return 0.0
    good = sum(letter != LOST and common(letter, letter.encode(encoding, "replace")) for letter in wide)
    return good / len(wide) * (0.95 if kana and not any(map(_is_kana, wide)) else 1.0)


def _is_kana(letter: str) -> bool:
    return "\u3041" <= letter <= "\u30ff"


def _is_japanese(letter: str, written: bytes) -> bool:
    """Kana, or a character of the first level of JIS X 0208."""
    euc = letter.encode("euc_jp", "replace")
    return _is_kana(letter) or (len(euc) == 2 and 0xB0 <= euc[0] <= 0xCF)


def _is_simplified(letter: str, written: bytes) -> bool:
    """A character of the first level of GB 2312."""
    return len(written) == 2 and 0xB0 <= written[0] <= 0xD7 and written[1] >= 0xA1


def _is_traditional(letter: str, written: bytes) -> bool:
    """A character of the first level of Big5."""
    return len(written) == 2 and 0xA4 <= written[0] <= 0xC6


def _is_hangul(letter: str, written: bytes) -> bool:
    return "\uac00" <= letter <= "\ud7a3" and 0xB0 <= written[0] <= 0xC8


_CYRILLIC, _UKRAINIAN = _script(_RUSSIAN, True), _script("абвгдежзийклмнопрстуфхцчшщьюяіїєґў", True)
_WESTERN = _latin("Western")
_JAPANESE = partial(_wide_share, encoding="euc_jp", common=_is_japanese, kana=True)
# (encoding, what it is called, how well a text fits); of two that fit alike the first is taken
_TRIED: tuple[tuple[str, str, Callable[[str], float]], ...] = (
    ("cp1252", "Latin-1 (Windows-1252)", _WESTERN),
    *(("cp1250", "Windows-1250 (Central European)", _latin(of)) for of in ("Polish", "Hungarian", "Czech")),
    ("cp1252", "Latin-1 (Windows-1252)", _latin("Portuguese")),
    *(("cp1250", "Windows-1250 (Central European)", _latin(of)) for of in ("Croatian", "Romanian")),
    *(("iso8859-2", "Latin-2 (Central European)", _latin(of)) for of in ("Polish", "Czech", "Croatian")),
    ("cp1254", "Windows-1254 (Turkish)", _latin("Turkish")),
    ("cp1257", "Windows-1257 (Baltic)", _latin("Baltic")),
    ("cp1255", "Windows-1255 (Hebrew)", _script("".join(map(chr, range(0x5D0, 0x5EB))))),
    ("cp1251", "Windows-1251 (Cyrillic)", _CYRILLIC),
    ("koi8-r", "KOI8-R (Cyrillic)", _CYRILLIC),
    ("cp866", "CP866 (Cyrillic)", _CYRILLIC),
    ("cp1251", "Windows-1251 (Cyrillic)", _UKRAINIAN),
    ("cp1253", "Windows-1253 (Greek)", _script("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ", True)),
    ("cp1256", "Windows-1256 (Arabic)", _script("".join(map(chr, range(0x621, 0x653))) + "پچژگکی")),
    ("cp850", "CP850 (DOS)", _WESTERN),
    ("mac-roman", "Mac Roman", _WESTERN),
    ("cp949", "EUC-KR (Korean)", partial(_wide_share, encoding="cp949", common=_is_hangul)),
    ("cp932", "Shift-JIS (Japanese)", _JAPANESE),
    ("euc-jp", "EUC-JP (Japanese)", _JAPANESE),
    ("gb18030", "GBK (Chinese)", partial(_wide_share, encoding="gb18030", common=_is_simplified)),
    ("big5hkscs", "Big5 (Chinese)", partial(_wide_share, encoding="big5", common=_is_traditional)),
    ("cp874", "Windows-874 (Thai)", _script("".join(map(chr, range(0xE01, 0xE4F))))),
)
LABELS = {encoding: label for encoding, label, _ in _TRIED} | {"iso-8859-1": "Latin-1"}


def checked(name: str) -> str:
    """The name of an encoding as Python has it; ValueError, with what to give, for one that is unknown."""
    with suppress(LookupError, ValueError):  # unknown, or of bytes and not of texts
        "a".encode(name)
        b"\xe9a".decode(name, "replace")  # as `read_text` does, which not every one can
        return codecs.lookup(name).name
    raise ValueError(
        f"there is no encoding {name[:40]!r}; give one such as utf-8, cp1252, cp1251, gbk, big5, shift_jis or euc-kr"
    )


def read_text(data: bytes, encoding: str = "") -> tuple[str, str]:
    """A text, `LOST` where a letter cannot be read; and its encoding.

    Args:
        encoding: of a text that is neither UTF-8 nor UTF-16; "" finds it out.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or is_utf_8(data):
        return decoded(data, "utf-8")
    if without_mark := utf_16_without_mark(data):
        return data.decode(without_mark, "replace"), without_mark
    found = encoding or _found(b"\n".join(_sample(data)))
    if found == "cp1252" and not encoding:
        return decoded(data, "cp1252", "iso-8859-1")
    return data.decode(found, "replace"), found


def is_utf_8(data: bytes) -> bool:
    """Whether all of it is UTF-8; ISO-2022 writes its letters in ASCII, after an escape."""
    if data.isascii():
        return b"\x1b$" not in data
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def utf_16_without_mark(data: bytes) -> str:
    """The kind of UTF-16 that every other byte shows to be 0, "" for another text."""
    start = data[:4096]
    for encoding, other in (("utf-16-le", 1), ("utf-16-be", 0)):
        if start[other::2].count(0) > 0.1 * len(start) and not start[1 - other :: 2].count(0):
            return encoding
    return ""


def _sample(data: bytes) -> Iterator[bytes]:
    """The first lines with letters beyond ASCII; of long ones what begins a little before such a letter."""
    beyond, end, left = re.compile(rb"[\x80-\xff]"), 0, _SAMPLE
    while left > 0 and (place := beyond.search(data, end)) is not None:
        start = max(data.rfind(b"\n", end, place.start()) + 1, end, place.start() - 50)
        end = data.find(b"\n", place.end())
        end = len(data) if end < 0 else end
        yield data[start : min(end, start + _OF_A_LINE)]
        left -= end - start


def _found(sample: bytes) -> str:
    """The encoding in which a text reads best."""
    if not sample:
        return "iso2022_jp"
    text = sample.decode("utf-8", "replace")
    if text.count(LOST) <= (1 - _UTF_8_AT_LEAST) * beyond_ascii(text):
        return "utf-8"
    texts = {encoding: sample.decode(encoding, "replace") for encoding in dict.fromkeys(name for name, *_ in _TRIED)}
    return max(_TRIED, key=lambda tried: tried[2](texts[tried[0]]))[0]


def beyond_ascii(text: str) -> int:
    """How many of the letters of a text are beyond ASCII."""
    return int((np.frombuffer(text.encode("utf-8", "replace"), np.uint8) >= 0xC0).sum())  # the first byte of each


def examples(text: str, count: int = 3) -> list[str]:
    """The first different fields that have letters beyond ASCII, to see whether they read well."""
    shown: dict[str, None] = {}
    for line in re.finditer(r"[^\n]*", text):
        if line[0].isascii():
            continue
        fields = (field.strip('"') for field in _FIELD.split(line[0]))
        shown |= dict.fromkeys(field[:60] for field in fields if not field.isascii())
        if len(shown) >= count:
            break
    return list(shown)[:count]
