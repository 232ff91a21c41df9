"""What things are called on every page: models, data sets, films' places, filters and ranks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from caser import data
from caser.explain.filters import horizontal_name
from caser.models import MODELS
from caser.recommend import rank_words as rank_words
from caser.words import W

SIMULATED = "simulated viewers"


def model(kind: str) -> str:
    """What a model is called, from its configuration's name."""
    return MODELS[kind].label if kind in MODELS else kind


def dataset(name: str) -> str:
    """What a data set is called, as Markdown."""
    return plain(data.source(name).label)


def short(text: str, most: int = 40) -> str:
    """`text` cut to fit beside a chart, or by default into its title.

    >>> short("The Bridge on the River Kwai (1957)", 16)
    'The Bridge on t…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def literal(text: str) -> str:
    """Outside text that no chart takes for markup: Plotly reads tags and entities, and knows no way to escape them.

    A zero-width space after the sign breaks both and is not seen.
    """
    return re.sub("([<&])", "\\1\u200b", text)


# What Markdown replaces after escapes are resolved: addresses, :icons:, and signs such as -> and --.
_SIGNS = r"(?i)www(?=\.)|:(?=//|[-+\w]+(/\w+)?:)|@(?=[-\w]+\.[-\w])|[-<>~](?=[-=>])"


def plain(text: str) -> str:
    """`text` with Markdown's signs taken literally, on one line, and no address in it made a link.

    What is replaced after escapes are resolved is broken by a zero-width space.
    """
    broken = re.sub(_SIGNS, "\\g<0>\u200b", " ".join(text.split()))
    escaped = re.sub(r"([\\`*_\[\]$~<>#&|!]|:(?=\w))", r"\\\1", broken)
    return re.sub(r"^(\s*)(\d+)([.)])|^(\s*)([-+=])", _no_list, escaped)


def _no_list(match: re.Match) -> str:
    """The begin of a line that Markdown would take for a list or a heading, escaped."""
    return f"{match[2]}\\{match[3]}" if match[2] else f"\\{match[5]}"


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def no_formula(text: str) -> str:
    """A cell of a table for download, which no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def capital(text: str) -> str:
    """`text` with a capital at its start, the rest as it is."""
    return text[:1].upper() + text[1:]


def positions(films: Sequence[str]) -> list[str]:
    """A label for each position: its number as on the page, and the film."""
    return [f"{place} · {short(film, 18)}" for place, film in enumerate(films, 1)]


def no_film() -> str:
    """What stands at an empty place of a window."""
    return f"no {W.film}"


def span(first: int, height: int) -> str:
    """The films under a window, by number.

    >>> span(0, 1), span(1, 3)
    ('film 1', 'films 2–4')
    """
    return f"{W.film} {first + 1}" if height == 1 else f"{W.films} {first + 1}–{first + height}"


def filter_name(height: int, index: int) -> str:
    """How a horizontal filter is called on every page."""
    return horizontal_name(height, index)


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(0.4), duration(75), duration(4000)
    ('0.4 s', '1 min 15 s', '1 h 7 min')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds < 599.5:
        return "{} min {} s".format(*divmod(round(seconds), 60))
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
