"""A visitor's own history: brought, reviewed, used on every page, kept in memory, and put into a link when asked."""

from __future__ import annotations

import json

import pytest

from caser import data

HEADER = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date"
DIARY = "\n".join(
    [
        HEADER,
        "2020-01-01,Alien,1979,u,,,,2020-01-01",
        "2020-01-02,Jaws,1975,u,,,,2020-01-02",
        "2020-01-03,Psyco,1960,u,,,,2020-01-03",
        "2020-01-04,Not a <b>film</b> of *anyone*,1999,u,,,,2020-01-04",
        "2020-01-05,From the Future,2090,u,,,,2020-01-05",
        "2020-01-06,The Godfather,1972,u,,,,2020-01-06",
    ]
).encode()


def opened(app):
    """The page with its dialog open."""
    app.button(key="bring history").click().run()
    assert not app.exception
    return app


def dropped(app, content: bytes, name: str = "diary.csv"):
    app.file_uploader(key="history file").set_value((name, content, "text/csv")).run()
    assert not app.exception
    return app


def pasted(app, text: str):
    app.text_area(key="history text").set_value(text)
    press(app, "Read these titles")
    return app


def press(app, label: str):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def item_ids(*titles: str) -> list[int]:
    catalogue = data.load("cinema").catalogue
    return [int(catalogue["item_id"][catalogue["title"] == title].iat[0]) for title in titles]


def test_a_diary_is_reviewed_and_becomes_the_films_of_every_page(open_page, read):
    app = dropped(opened(open_page("recommend", user="3")), DIARY)
    assert "**3 matched** · 1 unsure · 2 not in Cinema" in read(app)
    assert "1 of your films is newer than Cinema (simulated) (ends in 2019)" in read(app)
    app.button(key="use history").click().run()
    assert not app.exception
    assert "You watched 3 films" in read(app)
    assert "last watched · 2020-01-06" in read(app)
    assert app.query_params["sequence"] == "mine"
    app.switch_page("filters.py").run()
    assert not app.exception
    drawn = app.get("bidi_component")[0].proto.json
    godfather = data.load("cinema").item_index(*item_ids("The Godfather"))
    assert godfather in json.loads(drawn)["base"]["films"]


def test_what_is_unsure_counts_only_once_it_is_confirmed(open_page, read):
    app = dropped(opened(open_page("recommend")), DIARY)
    (choice,) = [box for box in app.radio if box.label.startswith("**Psyco (1960)**")]
    assert choice.value == -1
    assert choice.options == ["Leave it out", "Psycho (1960)"]
    choice.set_value(data.load("cinema").item_index(*item_ids("Psycho"))).run()
    assert "0 of 1 are left out so far" in read(app)
    press(app, "Leave all out")
    press(app, "Take the likeliest of each")
    app.button(key="use history").click().run()
    assert "You watched 4 films" in read(app)
    assert "Psycho" in read(app)


def test_many_unsure_films_are_decided_a_page_at_a_time(open_page, read):
    films = data.load("cinema").catalogue
    named = zip(films["title"], films["year"], strict=True)
    long = [(title, year) for title, year in named if len(title) > 12 and title[-3:].isalpha()][:25]
    lines = [f"{title[:-2]}{title[-1]} ({year})" for title, year in long]  # a letter is missing
    app = pasted(opened(open_page("recommend")), "\n".join(lines))
    asked = [box for box in app.radio if box.label.startswith("**")]
    assert len(asked) == 10
    app.number_input(key="history page").set_value(3).run()
    (*_, last) = [box for box in app.radio if box.label.startswith("**")]
    last.set_value(data.load("cinema").item_index(item_ids(long[-1][0])[0])).run()
    app.number_input(key="history page").set_value(1).run()
    app.button(key="use history").click().run()
    assert "You watched 1 film;" in read(app)
    assert next(button for button in app.button if button.key == "bring history").label == "Your history: 25 films"


def test_nothing_is_in_the_address_until_a_link_is_asked_for(open_page, read):
    app = dropped(opened(open_page("recommend")), DIARY)
    app.button(key="use history").click().run()
    assert "stays in this server's memory" in read(app)
    press(app, "Put them into the address")
    expected = ",".join(map(str, item_ids("Alien", "Jaws", "The Godfather")))
    assert app.query_params["sequence"] == expected
    assert "stays in this server's memory" not in read(app)


def test_edits_of_a_history_in_memory_are_not_in_the_address_either(open_page, read):
    app = dropped(opened(open_page("recommend")), DIARY)
    app.button(key="use history").click().run()
    app.segmented_control(key="ask").set_value("What if").run()
    press(app, "Reverse")
    assert "goes from rank" in read(app)
    assert "edits" not in app.query_params
    assert app.query_params["sequence"] == "mine"
    press(app, "Put them into the address")
    assert not app.exception


def test_a_history_waits_while_a_viewer_is_looked_at(open_page, read):
    app = dropped(opened(open_page("recommend", user="3")), DIARY)
    app.button(key="use history").click().run()
    app.segmented_control(key="visitor kind").set_value("A viewer from the data").run()
    assert "viewer 3 watched" in read(app)
    assert "sequence" not in app.query_params
    app.segmented_control(key="visitor kind").set_value("My own films").run()
    assert "You watched 3 films" in read(app)
    app.button(key="drop 0").click().run()
    assert "You watched 2 films" in read(app)
    assert app.query_params["sequence"] == "mine"


def test_another_history_takes_the_place_of_the_first(open_page, read):
    app = dropped(opened(open_page("recommend", user="3")), DIARY)
    press(app, "Bring another")
    pasted(app, "Jaws (1975)\nAlien (1979)")
    assert "**2 matched** · 0 unsure" in read(app)
    app.button(key="use history").click().run()
    assert "You watched 2 films" in read(app)


def test_dates_that_can_be_read_in_two_ways_are_asked_for(open_page, read):
    content = b'Title,Date\n"Alien","1/2/22"\n"Jaws","5/6/22"\n"Psycho","3/1/22"\n'
    app = dropped(opened(open_page("recommend")), content, "NetflixViewingHistory.csv")
    assert "is that the day first or the month?" in read(app)
    app.radio(key="history answer").set_value(True).run()
    assert not app.exception
    assert "Netflix viewing history" in read(app)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"a,b,c\n1,2,3\n", "the header 'a,b,c' is unknown"),
        ("a.csv", b"\x00\x01\x02", "holds a NUL"),
        ("a.zip", b"PK\x03\x04 cut", "cannot be unpacked"),
        ("a.csv", b"Title,Year\n", "holds no watched films"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_changes(open_page, read, name, content, said):
    app = dropped(opened(open_page("recommend", user="3")), content, name)
    assert said in "\n".join(warning.value for warning in app.warning).replace("\\", "")
    assert "viewer 3 watched" in read(app)
    dropped(app, DIARY)
    assert "**3 matched**" in read(app)


def test_titles_are_text_and_never_markup(open_page, read):
    app = pasted(opened(open_page("recommend")), "Pscyho **bold** <b>x</b>\n=1+1\nAlien")
    assert "**1 matched**" in read(app)
    assert "<b>x</b>" not in read(app)


def test_an_empty_paste_is_said_to_be_empty(open_page):
    app = press(opened(open_page("recommend")), "Read these titles")
    assert "your list is empty" in app.warning[-1].value.lower()


def test_a_long_history_shows_its_last_films_and_goes_whole_into_the_lists(open_page, read):
    films = data.load("cinema").catalogue
    lines = [f"{title} ({year})" for title, year in zip(films["title"], films["year"], strict=True)][:100]
    app = pasted(opened(open_page("recommend")), "\n".join(lines))
    app.button(key="use history").click().run()
    assert "90 earlier films are not shown; lists leave them out, too" in read(app)
    assert "You watched 100 films" in read(app)


def test_the_history_can_be_brought_from_every_page_with_a_picker(open_page, read):
    for page in ("filters", "data"):
        app = dropped(opened(open_page(page)), DIARY)
        assert "**3 matched**" in read(app)


def test_a_bound_that_is_no_number_is_said(open_page, monkeypatch):
    monkeypatch.setenv("CASER_UPLOAD_MB", "lots")
    app = opened(open_page("recommend"))
    assert "CASER_UPLOAD_MB is 'lots'" in app.warning[-1].value.replace("\\", "")


def test_numbers_of_movielens_are_asked_about_where_the_data_set_has_its_own(open_page, read):
    app = dropped(
        opened(open_page("recommend")), b"userId,movieId,rating,timestamp\n1,1,4.0,1700000001\n", "ratings.csv"
    )
    assert "**0 matched** · 1 unsure" in read(app)
    assert "MovieLens editions number films differently" in read(app)
    assert app.button(key="use history").disabled


def test_json_is_dropped_like_a_table(open_page, read):
    film = {"title": "Alien", "year": 1979, "ids": {"imdb": "tt0078748"}}
    content = [{"watched_at": "2024-03-01T20:15:00.000Z", "type": "movie", "movie": film}]
    app = dropped(opened(open_page("recommend")), json.dumps(content).encode(), "watched-history-1.json")
    assert "**Trakt history**: 1 film, oldest first" in read(app)
    assert "**1 matched**" in read(app)
