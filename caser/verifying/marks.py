"""Where figures stand in a text: between `<!-- figures: NAME -->` and `<!-- /figures -->`, which no reader sees.

A table stands on lines of its own; a figure within a sentence may be broken over lines like the rest of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARKED = re.compile(r"<!-- figures: ([\w-]+) -->(.*?)<!-- /figures -->", re.DOTALL)
_NUMBER = re.compile(r"\d*\.?\d+")
_ANY_MARK = re.compile(r"<!-- /?figures")
_HIDING = re.compile(
    r"^<!-- (?:figures: [\w-]+|/figures) -->(?=.)", re.MULTILINE
)  # Markdown takes such a line for a comment


def marked(text: str) -> dict[str, str]:
    """What stands between the marks, by name.

    >>> marked("of <!-- figures: users -->943 users<!-- /figures -->")
    {'users': '943 users'}

    Raises:
        ValueError: a name is marked twice, a mark has no partner, or one within a sentence begins a line.
    """
    figures = _MARKED.findall(text)  # (name, what stands there) each
    names = [name for name, _ in figures]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"the figure {twice!r} is marked twice; keep one of the marks")
    if len(_ANY_MARK.findall(text)) != 2 * len(figures):
        raise ValueError("a mark has no partner; write <!-- figures: NAME --> before and <!-- /figures --> after")
    if hiding := _HIDING.search(text):
        raise ValueError(f"{hiding[0]} begins a line, which Markdown then hides; break the line elsewhere")
    return dict(figures)


def written(text: str, derived: Mapping[str, str]) -> str:
    """The text with other figures between its marks; those that are not derived stay."""

    def put(one: re.Match) -> str:
        return f"<!-- figures: {one[1]} -->{derived[one[1]]}<!-- /figures -->" if one[1] in derived else one[0]

    return _MARKED.sub(put, text)


def alike(stands: str, derived: str, slack: int = 0) -> bool:
    """Whether two texts say the same, however their lines are broken.

    Args:
        slack: how many units in its last digit a number may be off: where weights are run, another processor adds in
            another order, and one user's near tie may fall the other way.

    >>> alike("23.2 % of\\n943", "23.2 % of 943"), alike("23.2", "23.3"), alike("23.2", "23.3", slack=1)
    (True, False, True)
    """
    if [_NUMBER.sub("#", word) for word in stands.split()] != [_NUMBER.sub("#", word) for word in derived.split()]:
        return False
    pairs = zip(_NUMBER.findall(stands), _NUMBER.findall(derived), strict=True)
    return all(_digits(one) == _digits(other) and _apart(one, other) <= slack for one, other in pairs)


def _digits(number: str) -> int:
    """How many digits follow the point."""
    return len(number.partition(".")[2])


def _apart(one: str, other: str) -> int:
    """How far two numbers of as many digits after the point are from each other, in units of the last."""
    return abs(int(one.replace(".", "")) - int(other.replace(".", "")))
