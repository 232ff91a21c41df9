"""What the search tells a browser, and whom it tells nothing."""

import json
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
from starlette.requests import Request

from caser.dashboard.search import answers, box
from caser.data.dataset import from_interactions

FILMS = [(7, "Alien", 1979, ("Horror", "Sci-Fi", "Thriller", "Action")), (9, "Unfinished", 0, ())]


@pytest.fixture(scope="module")
def films():
    ids, titles, years, genres = zip(*FILMS, strict=True)
    catalogue = pd.DataFrame({"item_id": ids, "title": titles, "year": years, "genres": genres})
    n = np.arange(len(ids))
    return from_interactions("films", n * 0, np.array(ids), n, n * 1.0, catalogue)


def asked(digest: str, **query: str) -> tuple[int, str]:
    scope = {"type": "http", "path_params": {"digest": digest}, "query_string": urlencode(query).encode()}
    answered = answers.answer(Request(scope))
    return answered.status_code, answered.body.decode()


def test_films_come_with_their_own_id_year_and_first_genres(films):
    place, _, digest = answers.address(films).partition("/")
    assert place == answers.PLACE
    status, text = asked(digest, q="ali")
    assert (status, json.loads(text)) == (
        200,
        [{"id": "7", "title": "Alien", "year": 1979, "genres": ["Horror", "Sci-Fi", "Thriller"]}],
    )
    assert json.loads(asked(digest, q="unf")[1]) == [{"id": "9", "title": "Unfinished", "year": 0, "genres": []}]


def test_a_data_set_is_searched_by_those_alone_who_are_told_its_digest(films):
    answers.address(films)
    for other in ("films", "", films.digest[:-1], films.checksum):
        assert asked(other, q="alien") == (404, "This data set is not in memory any more; reload the page.")


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "\0"}, {"q": "<script>"}, {"q": "%s" * 99}, {"other": "alien"}])
def test_a_question_without_an_answer_gets_an_empty_list(films, query):
    answers.address(films)
    assert asked(films.digest, **query) == (200, "[]")


def test_a_text_longer_than_any_title_is_refused(films):
    answers.address(films)
    status, text = asked(films.digest, q="a" * 10_000)
    assert status == 400
    assert text == "this has 10,000 letters and a title at most 1,000; type a few of its words"


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        (["film", "7"], ("picked", 7)),
        (["text", "alien"], ("typed", "alien")),
        (["film", "8"], ("typed", "8")),
        (None, None),
    ],
)
def test_what_the_box_says_is_picked_or_typed(films, monkeypatch, taken, told):
    heard, mounted = [], {}
    monkeypatch.setattr(box, "_mount", lambda **how: mounted.update(how))
    monkeypatch.setattr(box.st, "session_state", {"search": {"taken": taken}})
    box.draw(
        films,
        "Add a film",
        "search",
        pick=lambda film: heard.append(("picked", film)),
        typed=lambda text: heard.append(("typed", text)),
    )
    mounted["on_taken_change"]()
    assert heard == ([told] if told else [])
