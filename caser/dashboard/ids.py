"""A data set's own ids as the address writes them: several are separated by commas, and some words mean something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from caser.data import Dataset

EMPTY = "-"  # stands for a place without a film
MINE = "mine"  # stands for films that are in the session's memory alone
PINNED_FILMS = "films:"  # begins a pin that is no user
_MEANS_SOMETHING = re.compile(rf"(?:{EMPTY}|{MINE})$|{PINNED_FILMS}")
OwnId = int | str


def written(own_id: OwnId) -> str:
    """An id as the address has it; `caser/picture/address.js` writes it alike.

    >>> [written(own_id) for own_id in (7, "0441013503", "a,b", "50%", "mine", "films:1")]
    ['7', '0441013503', 'a%2Cb', '50%25', '%6Dine', '%66ilms:1']
    """
    text = str(own_id).replace("%", "%25").replace(",", "%2C")
    return f"%{ord(text[0]):02X}{text[1:]}" if _MEANS_SOMETHING.match(text) else text


def listed(films: Sequence[OwnId]) -> str:
    """Several films' ids as the address has them."""
    return ",".join(map(written, films))


def film(dataset: Dataset, text: str) -> OwnId:
    """The own id of a film that the address names; ValueError without such a film."""
    return dataset.item_id(dataset.find_item(unquote(text)))


def films(dataset: Dataset, text: str) -> tuple[OwnId, ...]:
    """The own ids of films that the address names; ValueError where there is one that the data set lacks."""
    return tuple(film(dataset, part) for part in text.split(",") if part)


def user(dataset: Dataset, text: str) -> OwnId:
    """The own id of a user that the address names; ValueError without such a user."""
    return dataset.user_id(dataset.find_user(unquote(text)))
