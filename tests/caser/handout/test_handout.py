"""What is handed on: one list with its reason, as a drawing and as a page; nothing else of a stranger's history."""

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from caser.explain.explanation import explain
from caser.handout import drawing, page
from caser.handout.content import Visitor, conditions_said, handout
from caser.handout.reason import because
from caser.listing.narrowing import narrowing
from caser.models import ANONYMOUS
from caser.picture.payload import pack
from caser.recommend import rank_of, recommend, score_catalogue
from tests.pictured import untrained

HISTORY = [3, 50, 7, 120, 33, 9, 81, 14]
HOSTILE = '<script src="http://elsewhere.test/x.js"></script>&"\u202e'


@pytest.fixture(scope="module")
def trained(cinema_split):
    made = untrained(cinema_split)
    config = SimpleNamespace(model=made.model.config)
    made.metadata = SimpleNamespace(temperature=1.0, dataset="cinema", config=config)
    return made


def content(trained, split, visitor, k=10, item=None, **conditions):
    dataset = split.dataset
    narrowed = narrowing(dataset, **conditions)
    films = recommend(
        trained.model, dataset, visitor.user, visitor.history, k, visitor.rewatch, 1.0, narrowed if conditions else None
    )
    item = int(films.index[0]) if item is None else item
    why = explain(trained.model, dataset, visitor.user, visitor.history, item)
    return handout(trained, dataset, visitor, films, why, conditions_said(narrowed, dataset, 0.0))


def test_it_says_whose_list_it_is_by_what_and_on_which_data(trained, cinema_split):
    shown = content(trained, cinema_split, Visitor(2, HISTORY, "viewer 3"))
    assert shown.title == "What to watch next"
    assert shown.about == "for viewer 3, by untrained trained on cinema (simulated viewers)"


def test_it_has_the_list_the_ranks_among_all_and_the_conditions(trained, cinema_split):
    dataset, visitor = cinema_split.dataset, Visitor(ANONYMOUS, HISTORY)
    shown = content(trained, cinema_split, visitor, genres=["comedy"], years="1980-1999")
    scores = score_catalogue(trained.model, ANONYMOUS, HISTORY)
    assert shown.conditions == "Comedy · 1980–1999"
    for row in shown.rows:
        assert "Comedy" in row.genres
        assert row.of_all == rank_of(scores, dataset.labels.index(row.title), HISTORY)
    assert [row.explained for row in shown.rows] == [True] + [False] * (len(shown.rows) - 1)


def test_parts_of_the_reason_add_up_to_the_score(trained, cinema_split):
    shown = content(trained, cinema_split, Visitor(2, HISTORY, "viewer 3"), item=5)
    score = score_catalogue(trained.model, 2, HISTORY)[5]
    assert sum(value for _, value in shown.parts) == pytest.approx(score, abs=0.006)
    assert shown.reason.startswith(f"Ranked {rank_of(score_catalogue(trained.model, 2, HISTORY), 5, HISTORY):g} ")


def test_many_small_parts_are_said_to_be_many():
    parts = {f"film {i}": 1.0 + i / 100 for i in range(20)}
    assert because(parts) == "because of many parts, most of all film 19 (+1.19)"
    assert because({"film": -1.0}) == because({}) == ""


def written(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("shape", [drawing.PICTURE, drawing.SLIDE])
def test_a_drawing_is_whole_the_same_each_time_and_without_a_date(trained, cinema_split, shape):
    shown = content(trained, cinema_split, Visitor(2, HISTORY, "viewer 3"), k=25, genres=["drama"])
    svg = drawing.svg(shown, shape)
    texts = " ".join(written(svg))
    assert svg == drawing.svg(shown, shape)
    for said in ("What to watch next", shown.about, "Only: Drama", "the first 10 of 25", "of all", f"{shown.film}?"):
        assert said in texts
    for name, value in shown.parts:
        assert f"{value:+.2f}" in texts
        assert name[:8] in texts
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height")) == (str(shape.width), str(shape.height or root.get("height")))
    boxes = [node.attrib for node in root if node.tag.endswith("rect")]
    assert all(float(box["x"]) >= 0 and float(box["x"]) + float(box["width"]) <= shape.width for box in boxes)
    assert all(float(box["y"]) + float(box["height"]) <= float(root.get("height")) for box in boxes)


@pytest.mark.parametrize("history", [[], [4]])
def test_a_short_history_and_a_list_of_one_are_drawn(trained, cinema_split, history):
    shown = content(trained, cinema_split, Visitor(ANONYMOUS, history), k=1)
    for shape in (drawing.PICTURE, drawing.SLIDE):
        assert shown.rows[0].title[:8] in " ".join(written(drawing.svg(shown, shape)))
    assert ("No films yet" in drawing.svg(shown)) == (not history)


def test_a_list_without_a_film_left_says_so(trained, cinema_split):
    visitor = Visitor(ANONYMOUS, range(cinema_split.dataset.n_items))
    shown = content(trained, cinema_split, visitor, item=5)
    for shape in (drawing.PICTURE, drawing.SLIDE):
        assert "No other film is left to list" in drawing.svg(shown, shape)
    assert "Nothing else is left to list." in page.html(shown, cinema_split.dataset)


def test_titles_stay_text(trained, cinema_split):
    shown = content(trained, cinema_split, Visitor(ANONYMOUS, HISTORY))
    rows = (replace(shown.rows[0], title=HOSTILE), *shown.rows[1:])
    shown = replace(shown, watched=(HOSTILE,), rows=rows, film=HOSTILE, parts=((HOSTILE, 1.0),), conditions=HOSTILE)
    assert not [node for node in ElementTree.fromstring(drawing.svg(shown)).iter() if node.tag.endswith("script")]
    assert "<script" not in page.html(shown, cinema_split.dataset)


def asked_for(text: str) -> list[str]:
    """Every address in a tag."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.extend(v for k, v in attributes if k in ("src", "href"))
    parser.feed(text)
    return found


def test_the_page_of_a_stranger_holds_no_other_film_of_the_history(trained, cinema_split):
    dataset, visitor = cinema_split.dataset, Visitor(ANONYMOUS, HISTORY)
    shown = content(trained, cinema_split, visitor)
    living = page.picture_of(pack(trained, cinema_split), trained, dataset, visitor, 5, {})
    text = page.html(shown, dataset, living)
    told = json.loads(re.search(r'id="data">(.*?)</script>', text)[1])
    assert told["base"]["films"] == HISTORY[-5:]
    assert told["base"]["leftOut"] == sorted(HISTORY[-5:])
    outside = unescape(text.replace(living, ""))
    assert all(dataset.labels[film] not in outside for film in HISTORY[:-5])
    assert all(dataset.labels[film] in outside for film in HISTORY[-5:])
    assert "8 films" in outside
    assert asked_for(text) == ["data:,"]


def test_the_picture_of_a_viewer_of_the_data_leaves_out_all_that_was_watched(trained, cinema_split):
    visitor = Visitor(2, HISTORY, "viewer 3")
    living = page.picture_of(pack(trained, cinema_split), trained, cinema_split.dataset, visitor, 5, {})
    told = json.loads(re.search(r'id="data">(.*?)</script>', living)[1])
    assert told["base"]["leftOut"] == sorted(HISTORY)
    assert told["state"] == {"film": str(cinema_split.dataset.item_id(5))}


def test_what_the_reason_names_of_earlier_films_is_counted(cinema_split):
    long = untrained(cinema_split, L=8, n_h=3)
    long.metadata = SimpleNamespace(temperature=None, dataset="cinema", config=SimpleNamespace(model=long.model.config))
    dataset = cinema_split.dataset
    shown = content(long, cinema_split, Visitor(ANONYMOUS, HISTORY), item=5)
    earlier = {dataset.labels[film] for film in HISTORY[:-5]}
    assert shown.named == sum(name in earlier for name, _ in shown.parts)
