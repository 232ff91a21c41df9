"""Handing a list on: what is offered once it is asked for, and what of a private history leaves; the film's card."""

from __future__ import annotations

import html
import json

from caser import data
from tests.pages.test_history import DIARY, dropped, opened


def handed_on(app):
    """The page with its popover open."""
    app.session_state["hand on"] = True
    app.run()
    assert not app.exception
    return app


def drawings(app) -> list[dict]:
    told = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    return next(one["drawings"] for one in told if "drawings" in one)


def test_nothing_is_drawn_before_it_is_asked_for(open_page):
    app = open_page("recommend", user="3")
    assert not [part for part in app.get("bidi_component") if "drawings" in json.loads(part.proto.json)]
    assert not app.get("download_button")


def test_a_list_is_handed_on_as_it_is_shown(open_page, table_frames):
    app = handed_on(open_page("recommend", user="3", genre="Comedy", k="6", ask="Why this film"))
    listed = [film.removeprefix("★ ").removesuffix(" (watched next)") for film in table_frames(app)[0]["Film"]]
    picture, slide = drawings(app)
    assert (picture["file"], slide["file"]) == tuple(
        f"what-to-watch-next-simulated-viewer-3-caser-{name}.png" for name in ("picture", "slide")
    )
    for drawing in (picture, slide):
        said = html.unescape(drawing["svg"])
        assert all(film[:20] in said for film in listed)
        assert "for simulated viewer 3, by Caser trained on cinema (simulated viewers)" in said
        assert "Only: Comedy" in said
    assert 'width="1920" height="1080"' in slide["svg"]
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Page (HTML)", "Both lists (CSV)"]


def test_of_a_private_history_it_says_first_what_leaves(open_page, read):
    app = dropped(opened(open_page("recommend", user="3")), DIARY)
    app.button(key="use history").click().run()
    said = read(handed_on(app))
    assert "Files show your films and the list; nothing else of your history." in said
    assert "The link has none of your films" in said
    assert "nothing else of your history" not in read(handed_on(open_page("recommend", user="3")))


def test_the_film_explained_has_a_card(open_page):
    app = open_page("recommend", user="3", ask="Why this film", film="7")
    (card,) = (part.proto.body for part in app.get("html") if "explained-card" in part.proto.body)
    row = data.load("cinema").catalogue.set_index("item_id").loc[7]
    assert html.escape(row["title"]) in card
    assert str(row["year"]) in card
    assert ", ".join(row["genres"]) in card
    assert " here" in card
    assert "<a " not in card
