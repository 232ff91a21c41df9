"""Why these films: the part of Recommend below the lists."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from caser import checkpoint, data
from caser.data.dataset import split
from caser.recommend import recommend
from caser.training.calibration import reliability
from tests.stored import set_fields


def chart_text(app) -> str:
    """What the charts hold, titles of axes included."""
    return str([json.loads(chart.proto.spec) for chart in app.get("plotly_chart")])


def turn_to(app, part: str):
    app.segmented_control(key="ask").set_value(part).run()
    assert not app.exception
    return app


def click(app, label: str):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def test_a_film_is_explained_in_every_way(open_page, read):
    said = read(open_page("recommend", user="3", ask="Why this film"))
    assert re.search(r"is ranked \*\*\d+\*\* because of .* \([+-][\d.]+\)", said)
    assert re.search(r"moved the score most \([+-][\d.]+ of [+-][\d.]+\)", said)
    assert "all 120 orders of the same films" in said
    assert "The bars add up to the score" in said
    assert "simulated viewers" in said


def test_one_chart_answers_why_and_a_switch_asks_it_the_other_way(open_page, read):
    app = open_page("recommend", user="3", ask="Why this film")
    assert len(app.get("plotly_chart")) == 1 + 1  # how good the chances are
    app.segmented_control(key="by").set_value("Leave films out").run()
    assert app.query_params["by"] == "Leave films out"
    assert len(app.get("plotly_chart")) == 1 + 1
    assert re.search(r"is worth [+-][\d.]+ of the [+-][\d.]+ that the films add together", read(app))
    assert "The bars add up to the score" not in read(app)


def test_another_film_can_be_chosen(open_page, read):
    app = open_page("recommend", user="3", ask="Why this film")
    box = app.selectbox(key="film explained")
    assert len(box.options) >= 10
    first, second = (option.split(" · ")[-1].split(" (")[0] for option in box.options[:2])
    assert f"of {first[:14]}" in chart_text(app)
    box.select_index(1).run()
    assert f"of {second[:14]}" in chart_text(app)
    picked = data.load("cinema").item_ids[app.selectbox(key="film explained").value]
    assert app.query_params["film"] == str(picked)


def test_the_held_out_film_can_be_explained(open_page):
    options = open_page("recommend", user="3", ask="Why this film").selectbox(key="film explained").options
    assert sum("watched next" in option for option in options) == 1


def test_what_if_starts_untouched_and_can_be_undone(open_page, read):
    app = turn_to(open_page("recommend", user="3"), "What if")
    assert "As it is: the first 10 stay as they are" in read(app)
    click(app, "Drop what counts most")
    assert re.search(r"Without .*: ", read(app))
    assert "left out" in read(app)
    assert "-" in app.query_params["edits"].split(",")
    click(app, "Back to the original")
    assert "As it is: the first 10 stay as they are" in read(app)
    assert "edits" not in app.query_params
    click(app, "Reverse")
    assert "In another order: " in read(app)
    app.selectbox(key="replaced place").set_value(5).run()
    app.selectbox(key="replacing film").select_index(0).run()
    assert "goes from rank" in read(app)
    app.button(key="Swap 0").click().run()
    app.button(key="Drop 1").click().run()
    click(app, "Shuffle")
    assert "places changed" in read(app)


def test_the_original_stays_pinned_while_editing(open_page, table_frames):
    app = turn_to(open_page("recommend", user="3"), "What if")
    first = table_frames(app)[0]["Film"].tolist()
    click(app, "Reverse")
    assert table_frames(app)[0]["Film"].tolist() == first


def test_the_slider_reranks_and_says_whose_part_it_is(open_page, read):
    app = turn_to(open_page("recommend", user="3"), "Who or what")
    assert "As trained: scores come mostly from" in read(app)
    app.select_slider(key="who").set_value("0.75").run()
    assert "With 75% of the weight on who is watching" in read(app)
    assert app.query_params["who"] == "0.75"
    app.select_slider(key="who").set_value("1").run()
    assert re.search(r"With 100% of the weight on who is watching: \d+ of 10 films move", read(app))


def test_a_new_visitor_is_told_that_the_user_part_is_not_theirs(open_page, read):
    app = open_page("recommend", sequence="1,30,60", ask="Why this film")
    assert "Your part is that of all new visitors" in read(app)
    assert "6 orders of the same films" in read(app)
    turn_to(app, "Who or what")
    assert "a new visitor's part" in read(app)
    turn_to(app, "What if")


@pytest.mark.parametrize("part", ["Why this film", "What if", "Who or what"])
def test_no_films_at_all_can_be_explained_too(open_page, part):
    turn_to(open_page("recommend", sequence=""), part)


def test_clear_cases_open_their_viewer(open_page, read):
    app = open_page("recommend", user="3")
    cases = [button for button in app.button if button.key and button.key.startswith("case ")]
    assert [case.label.split(":")[0] for case in cases] == [
        "Order matters most",
        "One film decides",
        "Found here, missed by MF",
    ]
    wanted = re.search(r"viewer (\d+)", cases[0].label)[1]
    cases[0].click().run()
    assert not app.exception
    assert app.query_params["user"] == wanted
    assert f"viewer {wanted} watched" in read(app)


def test_a_link_brings_back_the_film_the_edits_and_the_weight(open_page, read):
    dataset = data.load("cinema")
    window = open_page("recommend", user="3", ask="What if", film="30", edits="1,2,-,4,5")
    assert "Film to explain" in [box.label for box in window.selectbox]
    assert window.selectbox(key="film explained").value == dataset.item_index(30)
    assert "places changed" in read(window)
    assert "left out" in read(window)


@pytest.mark.parametrize("edits", ["", "1", "1,2,3,4,banana", "1,2,3,4,99999"])
def test_edits_in_the_address_that_cannot_be_used_are_said(open_page, read, edits):
    app = open_page("recommend", user="3", ask="What if", edits=edits)
    assert "does not name 5 films" in read(app)
    assert "As it is: " in read(app)


def test_another_viewer_starts_untouched(open_page, read):
    app = open_page("recommend", user="3", ask="What if", film="30", edits="1,2,-,4,5")
    app.text_input(key="user picker").set_value("4").run()
    assert "edits" not in app.query_params
    assert "film" not in app.query_params
    assert "As it is: " in read(app)


def test_similar_films_are_listed_for_every_film(open_page, table_frames):
    app = open_page("recommend", user="3", ask="More like this", film="30")
    similar = table_frames(app)[-1]
    assert list(similar.columns) == ["Film", "Cosine", "Rank"]
    assert len(similar) == 10
    values = similar["Cosine"].astype(float).tolist()
    assert values == sorted(values, reverse=True)


def test_chances_add_up_to_what_the_temperature_makes_them_and_their_check_is_shown(open_page, table_frames, read):
    app = open_page("recommend", user="3", k="5")
    trained = checkpoint.load("cinema-caser")
    parts = split(data.load("cinema"))
    user = parts.dataset.find_user("3")
    history = parts.history(user, "test").tolist()
    listed = recommend(trained.model, parts.dataset, user, history, 5, temperature=trained.metadata.temperature)
    assert table_frames(app)[0]["Chance"].tolist() == [f"{chance:.1%}" for chance in listed["chance"]]
    held = reliability(trained.model, parts, trained.metadata.temperature)
    assert f"Caser's lists of 10 promise {held.promised:.1%} and hold the film {held.hit:.1%} of the time" in read(app)


def test_without_a_temperature_no_chance_is_shown_and_the_way_to_it_is_said(
    open_page, table_frames, read, checkpoints, tmp_path, monkeypatch
):
    for path in checkpoints.iterdir():
        shutil.copy(path, tmp_path)
    set_fields(tmp_path / "cinema-caser.safetensors", temperature=None)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    app = open_page("recommend", user="3")
    assert "Chance" not in table_frames(app)[0]
    assert "this checkpoint keeps no temperature. Train it again" in read(app)
    assert not [one for one in app.select_slider if one.key == "temperature"]


def test_chances_follow_the_temperature_and_ranks_do_not(open_page, table_frames):
    app = open_page("recommend", user="3")
    before = table_frames(app)[0]
    app.select_slider(key="temperature").set_value("4").run()
    after = table_frames(app)[0]
    assert app.query_params["temperature"] == "4"
    assert after["Film"].tolist() == before["Film"].tolist()
    assert float(after["Chance"].iat[0].rstrip("%<")) < float(before["Chance"].iat[0].rstrip("%"))
