"""A data set that somebody brought, with words as ids and columns of its own, on every page."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from caser import data
from caser.dashboard.filters import all_filters
from caser.data.dataset import split
from caser.explain.concepts import concepts_of
from tests import own_set

OF_FILMS = re.compile(r"\b(films?|movies?|viewers?|watch(ed|ing)?)\b", re.I)
ICON = re.compile(r":material/\w+:")
NO_PROSE = {"id", "key", "elementId", "formId", "queryString", "template", "jsContent", "cssContent", "userKey", "url"}
PAGES = [
    ("overview", {}),
    ("compare", {}),
    ("train", {}),
    ("data", {}),
    *(("recommend", {"ask": ask}) for ask in ("The other list", "Why this film", "What if", "Who or what")),
    *(("recommend", {"ask": ask}) for ask in ("What the filters saw", "Two histories")),
    *(("filters", {"view": view}) for view in ("The story", "Walk-through", "Step by step", all_filters.TITLE)),
    *(("filters", {"view": view}) for view in ("Positions", "Map", "Switch off", "Forming", "Two histories")),
]


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    own_set.make(folder)
    return folder


@pytest.fixture
def books(open_page, brought, monkeypatch):
    """Opens a page on the books."""
    own_set.here(monkeypatch, brought)
    return lambda page, **params: open_page(page, data="books", model="b-caser", **params)


@pytest.mark.parametrize(("page", "params"), PAGES)
def test_every_page_and_view_opens_and_speaks_of_books_and_users(books, page, params):
    app = books(page, **params)
    assert app.query_params["data"] in ("books", ["books"])
    said = everything(app)
    assert not sorted({line for line in said if OF_FILMS.search(line)})
    assert any("book" in line.lower() for line in said)


def everything(app) -> list[str]:
    """All that the page sends to the browser, as texts."""
    found = []
    for message in app._tree:
        proto = getattr(message, "proto", None)
        found += _texts(MessageToDict(proto)) if isinstance(proto, Message) else []
    return found


def _texts(value) -> list[str]:
    """The texts anywhere in it, also in JSON within a text, but for what is no prose: keys, ids and addresses."""
    if isinstance(value, dict):
        return [text for key, one in value.items() if key not in NO_PROSE for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return _texts(json.loads(value))
        except ValueError:
            return [value]
    return [ICON.sub("", value)] if isinstance(value, str) else []


def test_a_reader_is_found_and_named_by_his_own_id(books, read):
    app = books("recommend")
    (box,) = (one for one in app.text_input if one.label == "User, by id")
    box.input("reader-7").run()
    assert not app.exception
    assert "(reader-7) picked" in read(app).replace("\\", "")
    (box,) = (one for one in app.text_input if one.label == "User, by id")
    assert box.value == "reader-7"
    box.input("nobody").run()
    assert not app.exception
    assert "no user" in read(app)


def test_filters_are_tested_against_the_columns_of_its_own(brought, monkeypatch):
    own_set.here(monkeypatch, brought)
    parts = split(data.load("books"))
    found, _ = concepts_of(parts, np.arange(parts.dataset.n_items))
    assert {"pages", "shelf"} <= {concept.group for concept in found}
