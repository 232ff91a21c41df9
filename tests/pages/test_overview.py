"""Overview: films to begin with, why the first of the list is first, how models compare, and the way on."""

from __future__ import annotations

import json
import re
import shutil
import threading

from caser import data
from caser.dashboard.waiting import first_download as download
from caser.data import movielens
from tests import own_set
from tests.stored import set_fields

OPENING = "237,7,189,93,94"  # Jaws, The Matrix, Titanic, The Godfather, The Godfather Part II


def test_known_films_are_there_at_once_and_nobody_from_the_data(open_page, read):
    app = open_page("overview")
    assert app.query_params["sequence"] == OPENING
    assert [film + 1 for film in picture(app)["base"]["films"]] == [int(film) for film in OPENING.split(",")]
    assert "Matrix factorisation sees a bag of films. Caser reads their order." in read(app)


def test_a_data_set_without_an_opening_begins_with_its_most_watched_films(open_page, tmp_path, monkeypatch):
    own_set.make(tmp_path)
    own_set.here(monkeypatch, tmp_path)
    app = open_page("overview", data="books", model="b-caser")
    views = data.load("books").views
    films = picture(app)["base"]["films"]
    assert list(views[films]) == sorted(views)[-len(films) :]


def test_where_the_picture_takes_no_films_chips_do(open_page):
    assert not open_page("overview").multiselect
    assert open_page("overview", model="cinema-mf").multiselect(key="films picked").value == [
        "Jaws (1975)",
        "The Matrix (1999)",
        "Titanic (1997)",
        "The Godfather (1972)",
        "The Godfather Part II (1974)",
    ]


def test_films_are_taken_away_and_added_at_the_end(open_page):
    app = open_page("overview", model="cinema-mf", sequence="57,58,1")
    chips = app.multiselect(key="films picked")
    chips.set_value(["Alien (1979)", "Star Wars (1977)", "Jaws (1975)"]).run()
    assert app.query_params["sequence"].startswith("57,1,")
    assert app.multiselect(key="films picked").value == ["Alien (1979)", "Star Wars (1977)", "Jaws (1975)"]
    app.multiselect(key="films picked").set_value([]).run()
    assert not app.exception
    assert app.query_params["sequence"] == ""


def test_a_film_watched_twice_has_two_chips(open_page):
    app = open_page("overview", model="cinema-mf", sequence="57,1,57")
    assert app.multiselect(key="films picked").value == ["Alien (1979)", "Star Wars (1977)", "Alien (1979) · 2"]
    app.multiselect(key="films picked").set_value(["Star Wars (1977)", "Alien (1979) · 2"]).run()
    assert app.query_params["sequence"] == "1,57"


def test_earlier_films_stay_when_the_latest_are_changed(open_page):
    app = open_page("overview", model="cinema-mf", sequence=",".join(map(str, range(1, 13))))
    chips = app.multiselect(key="films picked").value
    assert len(chips) == 10
    app.multiselect(key="films picked").set_value(chips[:-1]).run()
    assert app.query_params["sequence"] == ",".join(map(str, range(1, 12)))


def test_a_title_nobody_knows_changes_nothing_and_is_said(open_page, read):
    app = open_page("overview", model="cinema-mf", sequence="57")
    app.multiselect(key="films picked").set_value(["Alien (1979)", "Zzyzx Road Revisited"]).run()
    assert app.query_params["sequence"] == "57"
    assert "No film 'Zzyzx Road Revisited'" in read(app)
    assert app.multiselect(key="films picked").value == ["Alien (1979)"]


def test_a_surprise_is_other_known_films(open_page):
    app = open_page("overview", sequence="57,58,1")
    next(button for button in app.button if button.label == "Surprise me").click().run()
    films = app.query_params["sequence"].split(",")
    assert len(set(films)) == 5
    assert not {"57", "58", "1"} & set(films)


def test_a_viewer_of_the_data_is_shown_by_their_last_films(open_page):
    app = open_page("overview", model="cinema-mf", user="3")
    chips = app.multiselect(key="films picked")
    assert chips.label == "simulated viewer 3, oldest first"
    assert len(chips.value) == 10
    chips.set_value(chips.value[:3]).run()
    assert len(app.query_params["sequence"].split(",")) == 3


def test_the_first_film_has_its_reason_in_one_sentence(open_page, read):
    assert re.search(r"\*\*.+\*\* is first(;| because of) .+\.", read(open_page("overview")))


def test_a_bar_for_the_model_picked_and_the_simple_ones(open_page):
    (chart,) = open_page("overview").get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    assert set(spec["layout"]["yaxis"]["ticktext"]) == {"Caser", "MF", "Popularity"}


def test_four_doors_carry_the_films(open_page):
    doors = [link.proto for link in open_page("overview", sequence="57,58").get("page_link")]
    labels = {"Look inside", "Is it really better?", "Train your own in 20 s", "The chapter, line by line"}
    there = {link.label: link.query_string for link in doors if link.label in labels}
    assert there.keys() == labels
    assert all("sequence=57%2C58" in query for query in there.values())


def test_labels_simulated_viewers_and_shows_the_licence(open_page, read):
    app = open_page("overview")
    assert "simulated viewers" in read(app)
    assert "Film facts written by hand" in "".join(caption.value for caption in app.sidebar.caption)


def test_without_network_cinema_is_shown_with_a_notice_and_a_retry(open_page, read):
    app = open_page("overview")
    assert "MovieLens 100K could not be fetched" in read(app)
    assert "there is no network" in reasons(app)
    next(button for button in app.button if button.label == "Try again").click().run()
    assert not app.exception
    assert "MovieLens 100K could not be fetched" in read(app)


def test_a_fetch_under_way_shows_its_progress_and_cinema_meanwhile(open_page, read, monkeypatch):
    arrived = threading.Event()

    def slow(name, progress, timeout):
        progress(1_500_000, 5_000_000)
        arrived.wait(20)
        raise movielens.DataError("the connection broke")

    monkeypatch.setattr(movielens, "fetch", slow)
    app = open_page("overview")
    assert "1.5 MB of 5.0 MB" in app.get("progress")[0].proto.text
    assert picture(app)["base"]["films"]
    arrived.set()
    download.first_download().wait(5)
    assert "the connection broke" in reasons(app.run())


def test_a_broken_checkpoint_gives_a_notice(open_page, read, checkpoints, tmp_path, monkeypatch):
    for path in checkpoints.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "cinema-caser.safetensors").write_bytes(b"broken")
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    app = open_page("overview")
    assert "1 cannot be read" in [part.label for part in app.expander]
    assert "cannot load" in read(app)
    assert app.selectbox(key="model picker").options == ["cinema-mf"]  # the others are there all the same
    asked = read(open_page("overview", model="cinema-caser"))
    assert "cinema-caser.safetensors" in asked


def test_without_a_checkpoint_it_says_how_to_make_one(open_page, read, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "none"))
    text = read(open_page("overview"))
    assert "python -m caser train --dataset cinema --model caser --name cinema-caser" in text


def test_without_mf_the_others_are_compared(open_page, checkpoints, tmp_path, monkeypatch):
    shutil.copy(checkpoints / "cinema-caser.safetensors", tmp_path)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    assert len(open_page("overview").get("plotly_chart")) == 1


def test_a_checkpoint_of_other_data_is_refused_by_name(open_page, read, checkpoints, tmp_path, monkeypatch):
    shutil.copy(checkpoints / "cinema-caser.safetensors", tmp_path)
    set_fields(tmp_path / "cinema-caser.safetensors", dataset_checksum="0" * 32)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    text = read(open_page("overview"))
    assert "'cinema-caser' was trained on cinema with checksum 000" in text


def picture(app) -> dict:
    """What the picture is told."""
    return json.loads(next(part.proto.json for part in app.get("bidi_component") if "base" in part.proto.json))


def reasons(app) -> str:
    """What stands behind the calm lines, for those who ask."""
    return "\n".join(caption.help or "" for caption in app.caption)
