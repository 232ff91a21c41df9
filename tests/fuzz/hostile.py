"""Text, numbers and bytes that nobody means well with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

BITS = (
    *("", " ", "\t", "\n", "\r\n", "\x00", "\x1b[31m", "\ufeff", "\ufffd", "\u202e", "\u0301", "\U0001f3ac", "ß", "İ"),
    *("-1", "0", "00", "1", "1.0", "1e3", "1e999", "nan", "NaN", "-inf", "Infinity", "99999999999999999999", "²", "٣"),
    *("<b>x</b>", "<img src=x onerror=alert(1)>", "![x](http://x.test/y)", "[a](javascript:b)", ":red[x]", "$x$", "`"),
    *("../..", "/dev/zero", "/etc/passwd", "C:\\x", "~nobody/x", "a/b", ".", "..", "file:///x", "%s%n", "{0}", "${x}"),
    *("'; drop table x", "=1+1", "@x", "id:", "id:1", "title:", "title:1", ",", ";", "|", "::", "(", "(1999)", ", The"),
    *("The Matrix", "Alien (1979)", "Amélie", "Star Wars", "None", "null", "true", "[]", "{}", "--", "--help", "-k"),
)


def text(rng: random.Random, known: Sequence[str] = ()) -> str:
    """Odd or well known pieces, one or a few or very many."""
    pieces = [*known, *BITS] if rng.random() < 0.5 or not known else list(known)
    if rng.random() < 0.03:
        return rng.choice(pieces) * rng.choice((300, 3_000, 30_000))
    if rng.random() < 0.1:
        return "".join(chr(rng.choice((rng.randrange(1, 0x250), rng.randrange(0xE000, 0x20000)))) for _ in range(12))
    return "".join(rng.choice(pieces) for _ in range(rng.choice((1, 1, 1, 1, 2, 3))))


def argument(rng: random.Random, known: Sequence[str] = ()) -> str:
    """A text that can stand on a command line, where none holds a NUL."""
    return text(rng, known).replace("\x00", "")


def value(rng: random.Random, depth: int = 2) -> Any:
    """Anything that JSON can say, and the three numbers that it should not."""
    kinds: list[Any] = [None, True, False, 0, -1, 1, 10**9, 10**30, 0.5, -0.5, 1e308, float("nan"), float("inf")]
    if depth and rng.random() < 0.3:
        return [value(rng, depth - 1) for _ in range(rng.choice((0, 1, 3, 100)))]
    if depth and rng.random() < 0.3:
        return {text(rng)[:80]: value(rng, depth - 1) for _ in range(rng.choice((0, 1, 3)))}
    return text(rng) if rng.random() < 0.3 else rng.choice(kinds)


def altered(rng: random.Random, record: Any) -> Any:
    """A record with something in it replaced, left out or added, at any depth."""
    if isinstance(record, dict) and record and rng.random() < 0.85:
        name = rng.choice(list(record))
        changed = dict(record)
        act = rng.random()
        if act < 0.15:
            del changed[name]
        elif act < 0.25:
            changed[text(rng)[:80]] = value(rng)
        else:
            changed[name] = altered(rng, record[name])
        return changed
    if isinstance(record, list) and record and rng.random() < 0.6:
        at = rng.randrange(len(record))
        return [*record[:at], altered(rng, record[at]), *record[at + 1 :]]
    return value(rng)


def damaged(rng: random.Random, content: bytes, head: int = 4000) -> bytes:
    """Bytes with some changed, cut out, put in or written twice; more often near their beginning."""
    broken = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        at = rng.randrange(max(1, min(len(broken), head) if rng.random() < 0.7 else len(broken)))
        length = rng.choice((1, 1, 1, 4, 50))
        act = rng.random()
        if act < 0.5:
            broken[at : at + length] = rng.randbytes(length)
        elif act < 0.65:
            del broken[at : at + length]
        elif act < 0.75:
            del broken[at:]
        elif act < 0.85:
            broken[at:at] = broken[at : at + length] * 2
        else:
            broken[at:at] = rng.choice(BITS).encode("utf-8", "surrogatepass")
    return bytes(broken)
