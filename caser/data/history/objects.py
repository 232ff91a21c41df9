"""A JSON text as flat rows: the objects in it, with the names of nested fields joined."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import PurePosixPath

from caser.data.containers.upload import JSON_ENDINGS
from caser.data.history.entry import HistoryError
from caser.data.history.left_out import Row, plain

_DEEPEST = 5  # objects within objects
_START = re.compile(r"\s*[\[{]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def rows(name: str, text: str) -> list[Row] | None:
    """The objects in a JSON text, by `plain` field; a list of texts gives titles. None if it is no JSON with rows.

    >>> rows("a.json", '[{"watched_at": "2024-01-02", "movie": {"title": "Alien", "ids": {"imdb": "tt0078748"}}}]')
    [{'watchedat': '2024-01-02', 'movietitle': 'Alien', 'movieidsimdb': 'tt0078748'}]

    Raises:
        HistoryError: a file that is JSON by its name and cannot be read.
    """
    named = PurePosixPath(name).suffix.lower() in JSON_ENDINGS
    if not (named or _START.match(text)):
        return None
    try:
        value = _parsed(text)
        if isinstance(value, list) and value and all(isinstance(inner, str) for inner in value):
            return [{"title": _clean(inner)} for inner in value]
        read = list(map(_flat, _objects(value) or [value] * isinstance(value, dict)))
    except (ValueError, RecursionError) as error:  # no JSON, or nested without end
        if not named:
            return None
        said = f"{name} is no JSON that can be read ({str(error)[:80]})"
        raise HistoryError(f"{said}; export it anew, or give CSV") from None
    return read if named or read else None


def _parsed(text: str) -> object:
    """One value, or a list of one for each line."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise
        return [json.loads(line) for line in text.split("\n") if line.strip()]


def _objects(value: object) -> list[dict]:
    """The objects in a list, or in the lists within a value: {"movies": [...]}, or a list of pages."""
    if isinstance(value, dict):
        return list(chain.from_iterable(map(_objects, value.values())))
    if not isinstance(value, list):
        return []
    objects = [inner for inner in value if isinstance(inner, dict)]
    return objects or list(chain.from_iterable(map(_objects, value)))


def _flat(value: dict, before: str = "", depth: int = 1) -> Row:
    """Every single value below an object; lists are left out."""
    flat: dict[str, str] = {}
    for key, inner in value.items():
        name = before + plain(key)
        if isinstance(inner, dict) and depth < _DEEPEST:
            flat |= _flat(inner, name, depth + 1)
        elif not isinstance(inner, list | dict):
            flat[name] = "" if inner is None else _clean(str(inner))
    return flat


def _clean(text: str) -> str:
    """Without what would upset who prints it: control characters, and halves of letters that JSON can name."""
    return _CONTROLS.sub(" ", text.encode("utf-8", "replace").decode())
