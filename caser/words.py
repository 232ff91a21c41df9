"""What one item and one user of a data set are called, wherever it is spoken of.

Texts are written in the words of films, as `f"{W.films}"`; where the items are books, that reads "books".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context

from caser.data.text import is_film, plural

FILM = "film"
_noun: ContextVar[str | None] = ContextVar("noun in force, where no session says one", default=None)
_session: Callable[[], str] = lambda: FILM  # noqa: E731 - the dashboard puts what its sessions say in its place
_WORDS = re.compile(r"\b([Aa] film|[Ff]ilms?|[Vv]iewers?|[Ww]atched|[Ww]atching|[Ww]atch)\b")
_OTHERS = {"viewer": "user", "viewers": "users", "watch": "pick", "watched": "picked", "watching": "picking"}


def known(noun: str) -> str:
    """The noun to keep: every kind of film is a film."""
    return FILM if is_film(noun) else noun


def ask(session: Callable[[], str]) -> None:
    """Have sessions say which noun is theirs, asked whenever a word is needed."""
    global _session
    _session = session


@contextmanager
def speaking(noun: str) -> Iterator[None]:
    """Within it one item is called so, whatever the session says."""
    token = _noun.set(known(noun))
    try:
        yield
    finally:
        _noun.reset(token)


def carried() -> Context:
    """A context for work in a thread of its own, in which one item is called as it is here."""
    context = copy_context()
    context.run(_noun.set, noun())
    return context


def noun() -> str:
    """What one item is called here."""
    return _noun.get() or _session()


def of_films() -> bool:
    """Whether films are spoken of here."""
    return noun() == FILM


class _Words:
    """`film`, `films`, `a_film`, `viewer`, `viewers`, `watch`, `watched`, `watching`, each as a capital too."""

    def __getattr__(self, word: str) -> str:
        said = word.replace("_", " ") if of_films() else _other(word.lower(), noun())
        return said[0].upper() + said[1:] if word[0].isupper() else said


def _other(word: str, noun: str) -> str:
    if word == "a_film":
        return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"
    return {"film": noun, "films": plural(noun)}.get(word) or _OTHERS[word]


W = _Words()


def spoken(text: str) -> str:
    """A constant text of ours in the words of the data; never for text from outside, such as a title."""
    if of_films():
        return text
    return _WORDS.sub(lambda found: getattr(W, found[0].replace(" ", "_")), text)
