"""Requests to the endpoint: a question that is right, wrong or no question at all, by anybody, in public or not."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import pytest

from caser.dashboard import public
from caser.dashboard.api.questions import QUESTIONS
from tests.asking import Answer
from tests.fuzz import hostile
from tests.fuzz.place import Place
from tests.fuzz.watch import Harm

KNOWN = {
    "model": ("cinema-caser", "cinema-mf"),
    "user": ("1", "5", "800"),
    "sequence": ("Alien", "id:7", "Jaws", "9"),
    "item": ("Alien", "id:3", "title:Jaws"),
    "k": ("1", "10", "100"),
    "rewatch": ("true", "0"),
    "genre": ("Comedy", "war"),
    "not_genre": ("Horror", "Drama"),
    "years": ("1980-1989", "-1990", "1970-"),
    "known": ("10-", "-50"),
    "column": ("pages=1-9", "shelf=A|B"),
    "without": ("Alien", "9"),
    "variety": ("0", "0.5", "1"),
}
METHODS = ("GET",) * 8 + ("HEAD", "POST", "\x00")
STATUSES = (200, 400, 404, 405, 429, 503)


def request(rng: random.Random, place: Place) -> tuple[str, Callable[[], None]]:
    """A request, in words, and the sending of it."""
    name = rng.choice((*QUESTIONS, *QUESTIONS, "health", "openapi.json", hostile.text(rng)[:200]))
    query, method = _query(rng, name), rng.choice(METHODS)
    client, is_public = f"192.0.2.{rng.randrange(250)}", rng.random() < 0.3
    said = f"{method!r} {name!r} {query[:200]!r} {'public' if is_public else ''}"
    return said, partial(_send, place, (name, query, method, client), is_public)


def _query(rng: random.Random, name: str) -> bytes:
    asked = QUESTIONS.get(name, QUESTIONS["explain"])
    given = {one.name: [rng.choice(KNOWN[one.name])] for one in asked.parameters if one.name not in asked.one_of[1:]}
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        key = rng.choice((*KNOWN, hostile.text(rng)[:50])) if rng.random() < 0.5 else rng.choice(list(given))
        act = rng.random()
        if act < 0.2:
            given.pop(key, None)
        elif act < 0.7:
            given[key] = [hostile.text(rng, KNOWN.get(key, ()))]
        else:
            given[key] = [*given.get(key, ()), *([rng.choice(KNOWN.get(key, ("1",)))] * rng.choice((1, 2, 99, 500)))]
    raw = "&".join(f"{quote(key, errors='replace')}={_written(rng, text)}" for key in given for text in given[key])
    return hostile.damaged(rng, raw.encode()) if rng.random() < 0.15 else raw.encode("utf-8", "surrogatepass")


def _written(rng: random.Random, text: str) -> str:
    return quote(text, errors="replace") if rng.random() < 0.8 else text


def _send(place: Place, asked: tuple, is_public: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(public.SWITCH, str(int(is_public)))
        answer = place.ask(*asked)
    if answer.status not in STATUSES:
        raise Harm(f"{answer.status}: {answer.said}")
    if answer.status != 200:
        _check_refusal(place, answer)


def _check_refusal(place: Place, answer: Answer) -> None:
    """An error names something in words, and neither a path of the server nor its code."""
    text = answer.said["error"]
    if list(answer.said) != ["error"] or not text.strip() or len(text) > 1000:
        raise Harm(f"refused with {str(answer.said)[:300]}")
    if "Traceback" in text or str(place.folder) in text:
        raise Harm(f"it tells of the server: {text}")
    if answer.status in (429, 503) and int(answer.headers["retry-after"]) < 1:
        raise Harm("no time to come back at")
