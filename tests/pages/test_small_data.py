"""Data sets too small to train on, or that change while the app runs: a sentence instead of a traceback."""

import os

import pytest

from caser import checkpoint
from caser.config import preset
from caser.dashboard import loaders
from caser.experiment import Experiment

PAGES = ("overview", "recommend", "filters", "compare", "chapter", "train", "data")
TINY = preset("mf").replace(d=2, epochs=1, patience=0, refit=False)
TOO_SHORT = "1 1 4 1\n1 2 4 2\n2 2 4 1\n2 3 4 2\n"
THREE_EACH = "".join(f"{u} {i} 4 {i}\n" for u in (1, 2, 3) for i in (1, 2, 3))
ENOUGH = "".join(f"{u} {(u + i) % 9 + 1} 4 {i}\n" for u in range(1, 9) for i in range(6))


@pytest.fixture
def written(offline):
    """Writes ml-100k with these ratings where it is looked for."""

    def write(ratings: str, films: int = 9) -> None:
        folder = offline / "ml-100k"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "u.data").write_text(ratings.replace(" ", "\t"))
        (folder / "u.item").write_text(
            "".join(f"{i}|Film {i} (1990)|01-Jan-1990||x|0|1\n" for i in range(1, films + 1))
        )
        (folder / "u.genre").write_text("unknown|0\nDrama|1\n")

    return write


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("ratings", [TOO_SHORT, "1 1 4 1\n"], ids=["two each", "one rating"])
def test_what_cannot_be_split_is_shown_with_its_statistics_and_a_sentence(
    written, open_page, read, table_frames, page, ratings
):
    written(ratings)
    app = open_page(page, data="ml-100k")
    assert "No user of ml-100k has three interactions" in read(app)
    assert "no model can be trained or compared on it" in read(app)
    (frame,) = table_frames(app)
    assert frame.set_index("What").loc["interactions", "How much"] == str(ratings.count("\n"))
    assert "nan" not in frame.to_string()


@pytest.mark.parametrize("page", PAGES)
def test_where_everybody_has_few_the_remedy_is_said(written, open_page, read, page):
    written(THREE_EACH)
    app = open_page(page, data="ml-100k", how="Every setting")
    if page == "train":
        assert "take longer histories" in app.error[0].value


def test_a_rating_appended_while_the_app_runs_is_seen_and_a_model_trained_on_it_is_used(
    written, open_page, read, tmp_path, monkeypatch
):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "trained"))
    written(ENOUGH)
    Experiment("ml-100k-before", "ml-100k", TINY, device="cpu").run()
    assert loaders.shelf("ml-100k").models == ["ml-100k-before"]
    written(ENOUGH + "1 9 4 99\n", films=9)
    Experiment(
        "ml-100k-after", "ml-100k", preset("caser").replace(d=2, L=2, n_h=1, epochs=1, patience=0), device="cpu"
    ).run()
    shelf = loaders.shelf("ml-100k")
    assert shelf.models == ["ml-100k-after"]
    assert "ml-100k-before" in shelf.problems
    app = open_page("recommend", data="ml-100k", model="ml-100k-after", user="1")
    assert "watched 6 films; Caser reads the last 2" in read(app)
    checkpoint.describe("ml-100k-after").require(loaders.dataset("ml-100k"))


def test_data_and_weights_replaced_behind_the_same_size_and_time_are_seen(written, offline, tmp_path, monkeypatch):
    """As by `cp -p` or an unpacked backup: neither the size nor the time of change tells."""
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "trained"))
    written(ENOUGH)
    Experiment("ml-100k-kept", "ml-100k", TINY, device="cpu").run()
    ratings, weights = offline / "ml-100k" / "u.data", checkpoint.locate("ml-100k-kept")
    digest = loaders.dataset("ml-100k").digest
    assert loaders.problem("ml-100k-kept") == ""
    _replace_unseen(ratings, ENOUGH.replace(" ", "\t").replace("\t4\t5", "\t3\t5").encode())
    _replace_unseen(weights, bytes([*weights.read_bytes()[:-1], 0x7F]))
    assert loaders.dataset("ml-100k").digest != digest
    assert "cannot load" in loaders.problem("ml-100k-kept")


def test_a_film_that_the_list_shows_twice_is_told_apart_and_said(
    written, offline, open_page, read, table_frames, tmp_path, monkeypatch
):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "trained"))
    written(ENOUGH)
    films = offline / "ml-100k" / "u.item"
    films.write_text(films.read_text().replace("Film 2 ", "Film 1 "))
    Experiment("ml-100k-small", "ml-100k", TINY, device="cpu").run()
    app = open_page("recommend", data="ml-100k", model="ml-100k-small", sequence="5")
    assert "several entries called Film 1 (1990); their ids tell them apart" in read(app)
    assert {"Film 1 (1990) · id 1", "Film 1 (1990) · id 2"} <= set(table_frames(app)[0]["Film"])
    app.text_input(key="typed into film search").input("Film 1 (1990) · id 2").run()
    assert app.query_params["sequence"] in ("5,2", ["5,2"])


@pytest.mark.parametrize(
    ("page", "params", "said"),
    [
        ("recommend", {"ask": "More like this"}, "among all 9 films"),
        ("filters", {"view": "Are they real?", "filter": "1a"}, "all 9 films"),
    ],
)
def test_where_no_film_is_watched_often_the_captions_say_what_was_used(
    written, open_page, read, table_frames, tmp_path, monkeypatch, page, params, said
):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "trained"))
    written(ENOUGH)
    settings = preset("caser").replace(d=2, L=2, n_h=1, epochs=1, patience=0)
    Experiment("ml-100k-small", "ml-100k", settings, device="cpu").run()
    app = open_page(page, data="ml-100k", model="ml-100k-small", **params)
    assert said in read(app)
    assert "20 times" not in read(app)
    assert all(len(frame) for frame in table_frames(app))


def _replace_unseen(path, content):
    was = path.stat()
    path.write_bytes(content)
    assert path.stat().st_size == was.st_size
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
