"""Why an item has its rank: the parts of its score by name, and the largest of them in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from caser.explain.explanation import Explanation
from caser.words import W, spoken

NETWORK, OWN = "the network's constant", "the film's own constant"  # parts of a score, beside films and user
WORTH_TELLING = 0.15  # of what all that speaks for an item adds together


def user_part(anonymous: bool) -> str:
    """What to call the user's part of a score."""
    return "a new visitor's part" if anonymous else f"who is {W.watching}"


def score_parts(explanation: Explanation, names: Sequence[str], anonymous: bool) -> dict[str, float]:
    """What adds to a score or takes from it, by name: its exact parts, or the items' Shapley values without these.

    Args:
        names: of what is at each position, the oldest first; those of padding are not read.
    """
    known = explanation.contributions.printed if explanation.contributions else None
    values = known.positions if known else explanation.shapley.values
    items = {
        part: value for part, value in zip(item_parts(explanation, names), values, strict=False) if part is not None
    }
    if not known:
        return items
    return items | {user_part(anonymous): known.user, NETWORK: known.network, spoken(OWN): known.constant}


def item_parts(explanation: Explanation, names: Sequence[str]) -> list[str | None]:
    """What the part of each position is called, the oldest first; None for padding."""
    return [
        f"{names[place]}, {_ago(len(names) - place)}" if film else None for place, film in enumerate(explanation.films)
    ]


def largest(parts: Mapping[str, float]) -> list[str]:
    """The one or two parts that speak for an item by much; the largest, where many do so by little."""
    names = sorted((name for name in parts if parts[name] > 0), key=lambda name: -parts[name])
    return [name for name in names if worth_telling(parts, parts[name])][:2] or names[:1]


def worth_telling(parts: Mapping[str, float], value: float) -> bool:
    """Whether so much counts beside all that speaks for an item."""
    return value > WORTH_TELLING * sum(value for value in parts.values() if value > 0)


def told(parts: Mapping[str, float]) -> list[str]:
    """The parts that `because` names: the largest, and the one that speaks against the item most if by much."""
    names, against = largest(parts), min(parts, key=parts.get, default="")
    return names + [against] * bool(names and parts[against] < 0 and worth_telling(parts, -parts[against]))


def because(parts: Mapping[str, float]) -> str:
    """The largest parts for and against, as the end of a sentence; empty where nothing speaks for the item.

    >>> because({"Alien, watched last": 2.0, "who is watching": -1.0})
    'because of Alien, watched last (+2.00); who is watching speaks against it (-1.00)'
    """
    names = told(parts)
    for_it = [name for name in names if parts[name] > 0]
    if not for_it:
        return ""
    many = "" if worth_telling(parts, parts[for_it[0]]) else "many parts, most of all "
    but = [f"; {name} speaks against it ({parts[name]:+.2f})" for name in names if parts[name] < 0]
    return f"because of {many}{' and of '.join(f'{name} ({parts[name]:+.2f})' for name in for_it)}{''.join(but)}"


def _ago(steps: int) -> str:
    return f"{W.watched} last" if steps == 1 else f"{W.watched} {steps} {W.films} ago"
