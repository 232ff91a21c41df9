"""A handout as one HTML page: the list, the reason and, where a model has it, the living picture; no network."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from caser.checkpoint import Checkpoint
from caser.data.dataset import Dataset
from caser.handout.content import Handout, Visitor
from caser.handout.drawing import chance_words
from caser.models import ANONYMOUS
from caser.picture.data import data
from caser.picture.page import section
from caser.picture.payload import Payload
from caser.recommend import rank_words
from caser.report import rendered
from caser.words import W


def html(content: Handout, dataset: Dataset, picture: str = "") -> str:
    """The page; `picture` is a part of it, as `picture_of` makes it."""
    return rendered(
        "handout/page.html",
        title=f"{content.title}, {content.about}",
        content=content,
        scale=max((abs(value) for _, value in content.parts), default=1.0),
        picture=picture,
        watched=W.Watched,
        films=W.films,
        licence=dataset.licence,
        chance_words=chance_words,
        rank_words=rank_words,
    )


def picture_of(
    payload: Payload, trained: Checkpoint, dataset: Dataset, visitor: Visitor, item: int, names: Mapping[str, str]
) -> str:
    """The living picture as a part of a page; of the history of a stranger it holds no film that it does not show.

    Args:
        payload: of the model. item: dense, the film looked at. names: of filters, as "2b", those that have one.
    """
    read = visitor.history[-trained.model.L :]
    left_out = read if visitor.user == ANONYMOUS else visitor.history
    begun = data(
        trained.model,
        visitor.user,
        visitor.history,
        visitor.who or "a new visitor",
        left_out=() if visitor.rewatch else left_out,
        target=visitor.target,
        names=names,
    )
    return section(payload, begun | {"state": {"film": quote(str(dataset.item_id(item)), safe="")}})
