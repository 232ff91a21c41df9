"""A data set that somebody brought, with words as ids and columns of its own, on every page."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from caser import checkpoint, cli, data, jobs
from caser.config import preset
from caser.dashboard.presenting import tour
from caser.data import own
from caser.data.dataset import split
from caser.explain.concepts import concepts_of
from caser.models import MODELS
from tests import own_set

TITLES = ("Emma", "Dracula", "Ivanhoe", "Walden", "Candide", "Kim", "Faust")
OF_FILMS = re.compile(r"\b(films?|movies?|viewers?|watch(ed|ing)?)\b", re.I)
ICON = re.compile(r":material/\w+:")
NO_PROSE = {"id", "key", "elementId", "formId", "queryString", "template", "jsContent", "cssContent"}
NO_PROSE |= {"userKey", "url", "spots"}
PAGES = [
    ("overview", {}),
    ("compare", {}),
    ("chapter", {}),
    ("train", {}),
    ("data", {}),
    *(("recommend", {"ask": ask}) for ask in ("The other list", "Why this film", "What if", "Who or what")),
    ("recommend", {"ask": "Two histories"}),
    *(("filters", {"view": view} if view else {}) for view in ("", "Are they real?", "Map")),
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
    return lambda page, **params: open_page(page, **{"data": "books", "model": "b-caser"} | params)


@pytest.mark.parametrize(("page", "params"), PAGES)
def test_every_page_and_view_opens_and_speaks_of_books_and_users(books, page, params):
    app = books(page, **params)
    assert app.query_params["data"] in ("books", ["books"])
    speaks_of_books(app)


@pytest.mark.parametrize(("page", "params"), PAGES)
def test_a_history_shorter_than_the_window_speaks_of_books_too(books, page, params):
    ids = data.load("books").item_ids
    speaks_of_books(books(page, sequence=f"{ids[3]},{ids[7]}", **params))


@pytest.mark.parametrize("name", ["overview", "recommend", "filters", "compare", "chapter"])
def test_a_model_without_filters_speaks_of_books_too(books, name):
    speaks_of_books(books(name, model="b-mf"))


@pytest.mark.parametrize("step", range(1, len(tour.STEPS) + 1))
def test_the_tour_speaks_of_books(books, step):
    speaks_of_books(books(tour.STEPS[step - 1].page, tour=str(step), **dict(tour.STEPS[step - 1].params)))


@pytest.mark.parametrize("kind", list(MODELS))
def test_the_form_of_every_model_speaks_of_books(books, kind):
    app = books("train")
    app.segmented_control(key="train model").set_value(kind).run()
    speaks_of_books(app)


def test_notices_of_the_first_address_are_in_the_words_of_its_data(books):
    wrong = {"film": "999", "k": "0", "rewatch": "7", "sequence": "1,998", "edits": "x", "ask": "What if", "pin": "977"}
    app = books("recommend", **wrong)
    assert any("No book of books has the id" in text.value for text in app.warning)
    speaks_of_books(app)


def test_a_history_is_brought_in_the_words_of_the_data(books, read):
    app = books("recommend")
    app.button(key="bring history").click().run()
    speaks_of_books(app)
    app.text_area(key="history text").set_value("Book, the 3\nBook, the 5 (1995)\nBook teh 7\nNothing of the kind")
    next(button for button in app.button if button.label == "Read these titles").click().run()
    speaks_of_books(app)
    app.button(key="use history").click().run()
    assert "You picked" in read(app)
    speaks_of_books(app)


def test_the_words_turn_with_the_data_set(books):
    app = books("recommend")
    app.selectbox(key="data set picker").set_value("cinema").run()
    assert any("viewer" in line for line in everything(app))
    app.selectbox(key="data set picker").set_value("books").run()
    speaks_of_books(app)


def test_the_encoding_of_a_file_that_is_not_utf_8_can_be_named(books):
    app = books("data")
    app.button(key="bring data").click().run()
    rows = "".join(f"u{n % 4},b{n % 5},Весна {n % 5},{n}\n" for n in range(20))
    content = ("user,item,title,timestamp\n" + rows).encode("cp1251")
    app.file_uploader(key="own file").set_value(("log.csv", content, "text/csv")).run()
    assert "'Весна 0'" in " ".join(note.value for note in app.info)
    app.selectbox(key="own encoding").set_value("koi8-r").run()
    assert "read as KOI8" in " ".join(note.value for note in app.info)
    app.selectbox(key="own encoding").set_value("cp949").run()
    assert "name another encoding" in " ".join(note.value for note in app.warning)
    assert app.selectbox(key="own encoding").value == "cp949"


def test_bringing_further_data_says_nothing_of_films(books):
    app = books("data")
    app.button(key="bring data").click().run()
    app.file_uploader(key="own file").set_value(("log.csv", b"a,b,c,d\n" + b"u,i,5,1\n" * 9, "text/csv")).run()
    speaks_of_books(app)


def test_columns_that_are_not_clear_are_asked_for_and_then_read(books):
    app = books("data")
    app.button(key="bring data").click().run()
    lines = [
        f"{item},{user},{(user * item) % 5 + 1}" for user in range(1, 41) for item in range(1, 31) if user * item % 3
    ]
    content = "\n".join(sorted(lines, key=hash_free)).encode()
    app.file_uploader(key="own file").set_value(("log.csv", content, "text/csv")).run()
    assert not app.exception
    assert any("does not tell whether" in note.value for note in app.warning)
    assert not [button for button in app.button if button.key == "keep own"]
    columns = ("column 1", "column 2", "column 3")
    for role, column in (("user", "column 2"), ("item", "column 1")):
        app.selectbox(key=f"own {role} {columns}").set_value(column).run()
    assert not any("does not tell whether" in note.value for note in app.warning)
    assert any("users with" in text.value for text in app.markdown)
    assert app.button(key="keep own")


LOG = "reader,book,stars,when,shop\n" + "".join(
    f"reader-{user},{TITLES[(user * 3 + place) % 7]},{place % 5 + 1},2021-05-{place + 1:02d},{user % 3}\n"
    for user in range(30)
    for place in range(3 + user % 3)
)


def drop_log(books):
    app = books("data")
    app.button(key="bring data").click().run()
    app.file_uploader(key="own file").set_value(("my log.csv", LOG.encode(), "text/csv")).run()
    return app.text_input(key="own noun").set_value("book").run()


def test_what_was_read_is_said_in_words_and_by_three_histories(books):
    said = " ".join(text.value for text in drop_log(books).markdown)
    assert "reader says who: 30 values, each 3 to 5 times" in said
    assert "when says when: times 2021-05-01 to 2021-05-05." in said
    assert "Not used: shop." in said
    sentences = re.findall(
        r"reader-\d+ read book \w+, then book \w+, then [^.]* on \d May 2021\.", said.replace("\\", "")
    )
    assert len(sentences) == 3
    assert "and 2 more; the last was" in sentences[2]


def test_train_on_it_now_keeps_the_set_and_begins_the_usual_training_once(books, read, monkeypatch):
    begun = []
    job = jobs.Job(jobs.folder() / "none")
    monkeypatch.setattr(jobs, "start", lambda wanted, queue: begun.append(wanted) or job)
    app = drop_log(books)
    app.button(key="train own").click().run()
    assert not app.exception
    assert (begun[0].dataset, begun[0].name, begun[0].config) == ("my-log", "my-log-caser-1", preset("caser"))
    assert "New training on my-log" in read(app)
    assert app.query_params["data"] in ("my-log", ["my-log"])
    assert "my-log" in own.names()
    app.run()
    books("train", data="my-log")  # the address alone starts nothing
    assert len(begun) == 1
    own.delete("my-log")


EXPORTS = {
    "Letterboxd diary": "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date",
    "Netflix viewing history": "Title,Date",
    "Goodreads library": "Book Id,Title,Author,My Rating,Date Read,Date Added,Exclusive Shelf",
}


@pytest.mark.parametrize("label", EXPORTS)
def test_one_persons_export_is_led_to_the_door_of_histories(books, brought, capsys, label):
    content = "\n".join([EXPORTS[label], *([",".join("abcdefgh"[: EXPORTS[label].count(",") + 1])] * 40)])
    app = books("data")
    app.button(key="bring data").click().run()
    app.file_uploader(key="own file").set_value(("export.csv", content.encode(), "text/csv")).run()
    assert not app.exception
    assert any(label in note.value and "Bring your own history" in note.value for note in app.info)
    (brought / "export.csv").write_text(content)
    assert cli.main(["data", "--import", str(brought / "export.csv"), "--name", "x"]) == 2
    assert f"is a {label}, one person's history" in capsys.readouterr().err


@pytest.mark.parametrize("role", ["rating", "title", "user"])
def test_one_column_for_two_roles_is_a_sentence(books, role):
    app = books("data")
    app.button(key="bring data").click().run()
    rows = "".join(f"u{n % 7}\tb{n % 5}\t{n % 3 + 1}\t{1_600_000_000 + 977 * n}\n" for n in range(90))
    content = f"user\titem\tstars\ttime\n{rows}".encode()
    app.file_uploader(key="own file").set_value(("log.tsv", content, "text/tab-separated-values")).run()
    app.selectbox(key=f"own {role} {('user', 'item', 'stars', 'time')}").set_value("time").run()
    assert not app.exception
    assert any("is chosen for the" in note.value for note in app.warning)


def test_models_follow_a_set_that_is_renamed_here_and_are_named_before_it_is_deleted(books, brought, read):
    own_set.run_quietly(*own_set.command(brought, "second"))
    own_set.run_quietly("train", "--dataset", "second", "--model", "covisit", "--name", "s-covisit")
    app = books("data", data="second", model="s-covisit")
    app.text_input(key="rename data second").set_value("third").run()
    app.button(key="do rename data second").click().run()
    assert not app.exception
    assert checkpoint.load("s-covisit").metadata.dataset == "third"
    assert "s-covisit" in next(text.value for text in app.markdown if "Delete third?" in text.value).replace("\\", "")
    checkpoint.delete("s-covisit")
    own.delete("third")


def hash_free(line: str) -> str:
    """A key by which lines stand in no order of their values."""
    return line[::-1]


def speaks_of_books(app):
    """Nothing went wrong, and nothing that is sent to the browser speaks of films."""
    assert not app.exception
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
    app = books("recommend", user="0")
    (box,) = (one for one in app.text_input if one.label == "User, by id")
    box.input("reader-7").run()
    assert not app.exception
    assert "User reader-7 picked" in read(app).replace("\\", "")
    (box,) = (one for one in app.text_input if one.label == "User, by id")
    assert box.value == "reader-7"
    box.input("nobody").run()
    assert not app.exception
    assert "no user" in read(app)


def test_books_and_readers_are_in_the_address_by_their_own_ids(books, read):
    app = books("recommend", sequence="b3,b07")
    assert "has the id `b07`" in read(app)
    app.text_input(key="typed into film search").input("Book, the 1 (1991)").run()
    assert app.query_params["sequence"] in ("b3,b1", ["b3,b1"])
    app = books("recommend", user="reader-7", film="b5", ask="What if", edits="-,b1,b2,b3,b4")
    assert not app.exception
    assert app.query_params["user"] in ("reader-7", ["reader-7"])
    assert app.query_params["film"] in ("b5", ["b5"])


def test_filters_are_tested_against_the_columns_of_its_own(brought, monkeypatch):
    own_set.here(monkeypatch, brought)
    parts = split(data.load("books"))
    found, _ = concepts_of(parts, np.arange(parts.dataset.n_items))
    assert {"pages", "shelf"} <= {concept.group for concept in found}


def test_what_was_chosen_for_one_file_is_not_taken_for_another_of_the_same_columns(books):
    app = books("data")
    app.button(key="bring data").click().run()
    first = "a,b,c\n" + "".join(f"u{n % 7},{n % 5},x{n % 9}\n" for n in range(90))
    second = "a,b,c\n" + "".join(f"u{n % 7},{n % 5},x{n % 9}\n" for n in range(92))
    app.file_uploader(key="own file").set_value(("log.csv", first.encode(), "text/csv")).run()
    chosen = f"own user {('a', 'b', 'c')}"
    usual = app.selectbox(key=chosen).value
    other = "c" if usual != "c" else "a"
    app.selectbox(key=chosen).set_value(other).run()
    assert app.selectbox(key=chosen).value == other
    app.file_uploader(key="own file").set_value(("log.csv", second.encode(), "text/csv")).run()
    assert app.selectbox(key=chosen).value == usual
