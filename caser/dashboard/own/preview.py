"""What was read of a file, in a person's words: what each column says, and three histories as sentences."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from caser.dashboard.names import short
from caser.data.dataset import Dataset
from caser.data.table import Proposal, Roles
from caser.data.text import listing
from caser.words import W, speaking

USERS = 3
_FIRST = 3  # items of a history that are named, beside its last
_SAYS = {"user": "who", "item": "what", "time": "when", "rating": "how it was rated", "title": "what an item is called"}
_VERBS = dict.fromkeys(("book", "article", "news", "comic", "paper"), "read")
_VERBS |= dict.fromkeys(("song", "track", "album", "artist", "game"), "played")


def columns(proposal: Proposal, roles: Roles) -> list[str]:
    """A sentence for each column that has a role, and one for those that are not used.

    >>> columns(Proposal(Roles("a", "b"), profile=(("a", "9 values", "words"), ("c", "", ""))), Roles("a", "b"))
    ['a says who: 9 values, words.', 'b says what.', 'Not used: c.']
    """
    about = {
        column: f": {kind}" if column == roles.time else f": {often}, {kind}"
        for column, often, kind in proposal.profile
    }
    used = {role: column for role, column in vars(roles).items() if column}
    said = [f"{column} says {_SAYS[role]}{about.get(column, '')}." for role, column in used.items()]
    unused = [column for column in about if column not in used.values()]
    return [*said, f"Not used: {listing(unused)}."] if unused else said


def histories(dataset: Dataset, noun: str, timed: bool) -> list[str]:
    """A sentence on each of three users: one with a short history, a usual one and one with a long one.

    Args:
        noun: what one item is. timed: whether the file had times.
    """
    lengths = np.diff(dataset.offset)
    order = np.argsort(lengths, kind="stable")
    users = dict.fromkeys(int(order[len(order) * quarter // 4]) for quarter in range(1, 1 + USERS))
    return [_history(dataset, user, noun, timed) for user in users]


def _history(dataset: Dataset, user: int, noun: str, timed: bool) -> str:
    """ "reader-7 read Emma, then Dracula, then Ivanhoe, and 9 more; the last was Persuasion, on 3 May 2021"."""
    start, end = dataset.offset[user : user + 2]
    labels = [short(dataset.labels[item]) for item in dataset.item[start:end][[*range(min(_FIRST, end - start)), -1]]]
    with speaking(noun):
        said = f"{dataset.user_name(user)} {_VERBS.get(noun.lower(), W.watched)} {', then '.join(labels[:-1])}"
    last = datetime.fromtimestamp(int(dataset.timestamp[end - 1]), UTC)
    when = f"on {last.day} {last:%B %Y}" if timed else ""
    if end - start <= _FIRST:
        return f"{said}, last {when}." if timed else f"{said}."
    more = end - start - _FIRST
    return f"{said}, and {more:,} more; the last was {labels[-1]}{', ' * timed}{when}."
