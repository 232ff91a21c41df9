"""What the endpoint can be asked: each question's parameters, and the function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from time import monotonic
from typing import Any

from caser import checkpoint, data, files, findings
from caser.checkpoint import Checkpoint
from caser.dashboard import loaders, public, results
from caser.dashboard.api.parameters import Parameter, Share, Switch, Text, Texts, Whole, exactly_one, read
from caser.dashboard.selection import K_DEFAULT, K_MOST
from caser.data.dataset import Split
from caser.explain.explanation import explain
from caser.explain.film_map import film_vectors, similar
from caser.fields import named
from caser.listing.narrowing import narrowing
from caser.models import ANONYMOUS
from caser.recommend import recommend, rows

Values = Mapping[str, Any]


class NotThere(ValueError):
    """A model, user or item that there is not."""


class Unavailable(ValueError):
    """What is there and cannot be used now."""


@dataclass(frozen=True)
class Question:
    """One kind of question.

    Attributes:
        name: in the address. summary: what it answers, for the description.
        parameters: what it takes, a "model" among it. one_of: those of which one is given, and no more; () for none.
        answer: gives what is said in JSON; raises ValueError, `NotThere` and `Unavailable`.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    answer: Callable[[Values], Any]
    one_of: tuple[str, ...] = ()

    def read(self, query: bytes) -> dict[str, Any]:
        """The values of all parameters; ValueError as `parameters.read` and `exactly_one` raise it."""
        values = read(query, self.parameters)
        if self.one_of:
            exactly_one(values, self.one_of)
        return values


MODEL = Text("model", "a checkpoint's name, such as ml-100k-caser", required=True, longest=64)
USER = Text("user", "a user's id in the data set")
SEQUENCE = Texts("sequence", "an item by its title or id, repeated for each, the oldest first")
ITEM = Text("item", "an item by its title or id; id:187 is an id and title:187 a title", required=True)
K = Whole("k", "how many items to list", default=K_DEFAULT, low=1, high=K_MOST)
REWATCH = Switch("rewatch", "also list what was taken already")
VISITOR = (MODEL, USER, SEQUENCE)
NARROWED = (
    Texts("genre", "at least one of these genres, repeated for each", most=40),
    Texts("not_genre", "none of these genres, repeated for each", most=40),
    Text("years", "a span of years: 1980-1989, 1980- or -1989", longest=40),
    Text("known", "how often taken: 50- for at least, -50 for at most", longest=40),
    Texts("column", "NAME=VALUE of a further column: a span, or words separated by |; repeated for each", most=20),
    Texts("without", "an item that is not wanted, by its title or id, repeated for each", most=500),
    Share("variety", "from 0 for the best to 1 for the most varied"),
)
ONE_HISTORY = (USER.name, SEQUENCE.name)


def stamps(model: str) -> Hashable:
    """Changes a second after a model's weights or what is known of its filters do, at the latest."""
    return _stamps(model, int(monotonic()))


@lru_cache(maxsize=64)
def _stamps(model: str, second: int) -> Hashable:
    """Read once a second, since reading them takes as long as the rest of an answer that is kept."""
    if not checkpoint.NAME.fullmatch(model):  # it would be a path
        return ()
    stamped = []
    for path in (checkpoint.folder() / f"{model}{checkpoint.SUFFIX}", findings.path_of(model)):
        with suppress(OSError):  # the answer says that there is none
            stamped.append(files.stamp(path))
    return tuple(stamped)


def _models() -> list[str]:
    """The checkpoints that may be asked for; in public those of data that somebody brought are left out."""
    return [name for name in checkpoint.names() if not (public.is_public() and _is_private(name))]


def _is_private(model: str) -> bool:
    try:
        return data.source(loaders.metadata(model).dataset).own
    except ValueError:  # broken, or its data is gone: nobody knows whose it was
        return True


@contextmanager
def _raising(kind: type[ValueError]) -> Iterator[None]:
    """What is refused within it, as of another kind."""
    try:
        yield
    except ValueError as error:
        raise kind(str(error)) from error


def _loaded(values: Values) -> tuple[Checkpoint, Split]:
    """The model asked for, shared with the pages, and its data."""
    with _raising(NotThere):
        name = named("model", values["model"], _models())
    with _raising(Unavailable):
        trained = loaders.trained(name)
        parts = loaders.split(trained.metadata.dataset, trained.metadata.ties)
        trained.metadata.require(parts.dataset)
        return trained, parts


def _history(values: Values, parts: Split) -> tuple[int, list[int]]:
    """The user, or ANONYMOUS, and what he took, dense and oldest first."""
    if values["user"] is not None:
        with _raising(NotThere):
            user = parts.dataset.find_user(values["user"])
        return user, parts.history(user, "test").tolist()
    return ANONYMOUS, [_item(text, parts) for text in values["sequence"]]


def _item(text: str, parts: Split) -> int:
    with _raising(NotThere):
        return loaders.titles(parts.dataset).find(text)


def _recommend(values: Values) -> list[dict[str, Any]]:
    trained, parts = _loaded(values)
    user, history = _history(values, parts)
    narrowed = narrowing(
        parts.dataset,
        values["genre"] or (),
        values["not_genre"] or (),
        values["years"] or "",
        values["known"] or "",
        values["column"] or (),
        [_item(text, parts) for text in values["without"] or ()],
    )
    variety = values["variety"]
    films = recommend(
        trained.model,
        parts.dataset,
        user,
        history,
        values["k"],
        values["rewatch"],
        trained.metadata.temperature,
        narrowed,
        variety,
        film_vectors(trained.model) if variety else None,
    )
    return rows(films)


def _explain(values: Values) -> dict[str, Any]:
    trained, parts = _loaded(values)
    user, history = _history(values, parts)
    why = explain(trained.model, parts.dataset, user, history, _item(values["item"], parts))
    return findings.explained(why, partial(results.about_filter, trained, parts))


def _similar(values: Values) -> list[dict[str, Any]]:
    trained, parts = _loaded(values)
    item, among = _item(values["item"], parts), results.often_watched(parts)
    return rows(similar(trained.model, parts.dataset, item, values["k"], among))


QUESTIONS = {
    question.name: question
    for question in (
        Question(
            "recommend",
            "What comes next for a user or after a sequence",
            (*VISITOR, K, REWATCH, *NARROWED),
            _recommend,
            ONE_HISTORY,
        ),
        Question("explain", "Why an item is scored as it is", (*VISITOR, ITEM), _explain, ONE_HISTORY),
        Question("similar", "The items that a model takes for most like one", (MODEL, ITEM, K), _similar),
    )
}
