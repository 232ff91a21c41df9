"""Filters: the picture, every filter in one list, two side by side, the map, and what old addresses lead to."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from caser import checkpoint, cli
from caser.config import preset
from caser.dashboard import results
from caser.experiment import Experiment

VIEWS = ["Are they real?", "Map"]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """No ablation table of an earlier run."""
    monkeypatch.setenv("CASER_CACHE_DIR", str(tmp_path / "cache"))


def every_filter(table_frames, app):
    """The list of filters."""
    return next(table for table in table_frames(app) if "Looks for" in table.columns)


def turn_to(app, view: str):
    app.segmented_control(key="view").set_value(view).run()
    assert not app.exception
    return app


def test_the_page_begins_with_the_picture_alone(open_page, read):
    app = open_page("filters")
    assert list(app.segmented_control(key="view").options) == VIEWS
    assert app.segmented_control(key="view").value is None
    assert [part.key for part in app.get("bidi_component")] == ["picture mounted", "glossary"]
    assert not app.get("plotly_chart")
    assert "simulated viewers" in read(app)


def test_each_view_says_what_it_shows_and_what_not_and_is_in_the_address(open_page):
    app = open_page("filters")
    for view in VIEWS:
        turn_to(app, view)
        assert app.query_params["view"] == view
        (note,) = (caption.value for caption in app.caption if caption.value.startswith("Shows "))
        assert re.search("not|may be", note)
    app.segmented_control(key="view").set_value(None).run()
    assert "view" not in app.query_params


def test_every_filter_of_both_kinds_is_in_one_list(open_page, read, table_frames):
    app = open_page("filters", view="Are they real?")
    rows, model = every_filter(table_frames, app), checkpoint.load("cinema-caser").model
    across = {f"{height}{'abcdefgh'[j]}" for height in range(1, model.L + 1) for j in range(model.config.n_h)}
    assert set(rows["Filter"]) == across | {f"V{k + 1}" for k in range(model.config.n_v)}
    assert all(drawing["rows"] in range(1, model.L + 1) for drawing in rows["Weights"])
    vertical = rows[rows["Filter"].str.startswith("V")]
    assert set(vertical["Explained"]) == {"–"}
    assert vertical["Looks for"].str.fullmatch(r"mostly film \d|spread over films").all()
    assert rows["Costs"].str.fullmatch(r"[+-]\d+\.\d ± \d+\.\d").all()
    adds = [abs(float(text)) if text != "inactive" else 0 for text in rows["Adds"]]
    assert adds == sorted(adds, reverse=True)
    assert re.search(r"lost: all \d+ vertical filters together \d+\.\d ± .*, all \d+ horizontal filters", read(app))
    assert "over 800 test viewers" in read(app)


def test_a_filter_and_another_are_shown_in_detail(open_page, read):
    app = open_page("filters", view="Are they real?", filter="3c", beside="V1")
    said = read(app)
    assert "#### 3c: " in said
    assert re.search(r"#### V1: (mostly film \d|spread over films)", said)
    assert "It fires for" in said
    assert said.count("Taken out, HR@50 changes by") == 2
    runs = next(part.value for part in app.markdown if "Responds most to" in part.value)
    assert all(line.count(" → ") == 2 for line in runs.splitlines() if line.startswith("- "))
    assert [chart.key for chart in app.get("plotly_chart")] == ["filter weights", "beside weights", "forming"]
    app.selectbox(key="filter").select("2b").run()
    app.selectbox(key="beside").select("1a").run()
    assert app.query_params["beside"] == "1a"
    assert "#### 2b: " in read(app)
    assert "#### 1a: " in read(app)


def test_forming_is_one_chart_of_both(open_page):
    app = open_page("filters", view="Are they real?", filter="2b", beside="V1")
    (drawn,) = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart") if chart.key == "forming")
    assert [line["name"] for line in drawn["data"]] == ["2b", "V1", "median filter"]


def test_where_costs_take_long_a_button_measures_them(open_page, read, table_frames, monkeypatch):
    monkeypatch.setattr(results, "quick_to_ablate", lambda *_: False)
    app = open_page("filters", view="Are they real?")
    assert set(every_filter(table_frames, app)["Costs"]) == {"–"}
    next(button for button in app.button if button.label == "Measure what each costs").click().run()
    assert not app.exception
    assert "–" not in set(every_filter(table_frames, app)["Costs"])


def test_cinema_says_of_every_planted_pattern_which_filter_has_it(open_page, read, monkeypatch):
    from caser.explain.planted import Pattern

    said = read(open_page("filters"))
    assert "binge, not found" in said
    assert "saga, not found" in said
    has_it = Pattern("binge", "after two of one genre, a third", (2, 1), 0.3, 0.01, 0.2)
    monkeypatch.setattr(results, "planted", lambda *_: (has_it, Pattern("saga", "the next part")))
    app = open_page("filters")
    assert ":gray-badge[saga, not found]" in read(app)
    assert "Planted: binge, found by filter 2b" in [part.proto.label for part in app.get("page_link")]


def test_no_films_at_all_still_draws(open_page):
    app = open_page("filters", sequence="")
    for view in VIEWS:
        turn_to(app, view)


@pytest.fixture(scope="module")
def folder_of_others(trained_once, tmp_path_factory):
    """Beside the usual checkpoints a popularity model, a ConvFormer, and Casers without one kind of filter."""
    folder = tmp_path_factory.mktemp("others") / "checkpoints"
    shutil.copytree(trained_once, folder)
    small = {"d": 4, "epochs": 1, "patience": 0, "refit": False, "L": 3}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(folder))
        Experiment("cinema-popular", "cinema", preset("popularity"), device="cpu").run()
        curved = preset("convformer").replace(d=6, L=5, K=4, d_u=2, layers=1, batch_size=512, epochs=1, refit=False)
        Experiment("cinema-curved", "cinema", curved, device="cpu").run()
        for name, off in (("no-h", {"n_h": 0}), ("no-v", {"n_v": 0, "n_h": 2, "p": False})):
            Experiment(f"cinema-{name}", "cinema", preset("caser").replace(**small, **off), device="cpu").run()
    return folder


@pytest.fixture
def other_models(checkpoints, folder_of_others, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folder_of_others))


def test_a_model_without_filters_has_the_picture_and_a_way_to_one_with_them(open_page, read, other_models):
    app = open_page("filters", model="cinema-popular")
    assert [part.key for part in app.get("bidi_component")] == ["picture mounted", "glossary"]
    assert "has no filters to look into" in read(app)
    links = [part.proto.label for part in app.get("page_link")]
    assert "Look into cinema-caser" in links


def test_a_model_with_curves_shows_what_they_are_worth_and_look_like(open_page, read, other_models, capsys):
    app = open_page("filters", model="cinema-curved", view="Curves")
    assert len(app.get("plotly_chart")) == 3
    text = read(app)
    assert "The last film alone gives HR@50" in text
    assert re.search(r"switched off HR@50 changes by [+-]\d+\.\d ± \d+\.\d points", text)
    assert [code.value for code in app.code] == ["python -m caser filters cinema-curved"]
    assert cli.main(["filters", "cinema-curved"]) == 0
    assert capsys.readouterr().out.strip().rstrip(".") in text
    app = open_page("filters", model="cinema-curved")
    assert not app.get("plotly_chart")
    app.segmented_control(key="view").set_value("Curves").run()
    assert app.query_params["view"] == "Curves"


@pytest.mark.parametrize("model", ["cinema-no-h", "cinema-no-v"])
def test_a_caser_without_one_kind_of_filter_can_be_looked_at(open_page, other_models, model):
    app = open_page("filters", model=model)
    for view in VIEWS:
        turn_to(app, view)


def test_the_map_finds_a_films_neighbours_and_takes_colours_from_the_address(open_page, table_frames, read):
    app = open_page("filters", view="Map", colour="Horror")
    assert app.selectbox(key="colour").value == "Horror"
    app.selectbox(key="film looked for").set_value(30).run()
    assert not app.exception
    assert list(table_frames(app)[-1].columns) == ["Film", "Cosine"]
    assert "Nearest to " in read(app)
    app.selectbox(key="colour").set_value("year").run()
    assert app.query_params["colour"] == "year"
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Vectors (TSV)", "Metadata (TSV)"]


def test_a_colour_that_is_not_there_is_said(open_page, read):
    assert "colour=`plaid` in the address is unknown" in read(open_page("filters", view="Map", colour="plaid"))


OLD = [  # what an address said, and what it says now
    ({"view": "The story"}, {}),
    ({"view": "Walk-through"}, {}),
    ({"view": "Step by step", "filter": "2.1"}, {"filter": "2b"}),
    ({"view": "All filters", "filter": "2.1"}, {"view": "Are they real?", "filter": "2b"}),
    ({"view": "Positions"}, {"view": "Are they real?", "filter": "V1"}),
    ({"view": "Forming", "filter": "5.0"}, {"view": "Are they real?", "filter": "5a"}),
    ({"view": "Map", "colour": "Horror"}, {"view": "Map", "colour": "Horror"}),
    ({"view": "Switch off"}, {"turn": "v:0"}),
    ({"view": "Switch off", "off": "vertical 0"}, {"turn": "V1:0"}),
    ({"view": "Switch off", "off": "p,filter 2.1,h"}, {"turn": "2b:0,h:0,p:0"}),
    ({"view": "Switch off", "off": ""}, {}),
    ({"off": "vertical 0", "turn": "2b:2"}, {"turn": "2b:2"}),
    ({"filter": "3C"}, {"filter": "3c"}),
]


@pytest.mark.parametrize(("said", "now"), OLD, ids=str)
def test_an_old_address_leads_to_what_shows_the_same(open_page, said, now):
    app = open_page("filters", **said)
    kept = {"view", "filter", "turn", "off", "colour"} & set(app.query_params)
    assert {name: app.query_params[name] for name in kept} == now
    assert not app.warning


def test_heights_that_were_off_are_knobs_of_their_filters(open_page):
    app = open_page("filters", view="Switch off", off="height 2")
    n_h = checkpoint.load("cinema-caser").model.config.n_h
    assert app.query_params["turn"] == ",".join(f"2{letter}:0" for letter in "abcdefgh"[:n_h])


def test_two_histories_lead_to_recommend(open_page, read):
    app = open_page("filters", view="Two histories", user="4", pin="3")
    assert app.query_params["ask"] == "Two histories"
    assert "**Simulated viewer 3**: " in read(app)


def test_what_the_filters_saw_leads_to_the_picture(open_page, read):
    app = open_page("recommend", ask="What the filters saw", user="4")
    assert app.title[0].value.startswith(":material/grid_on: Filters")
    assert app.query_params["user"] == "4"


@pytest.mark.parametrize("params", [{"filter": "9z", "view": "Are they real?"}, {"off": "x", "view": "Switch off"}])
def test_a_filter_in_the_address_that_is_not_there_is_said(open_page, params):
    app = open_page("filters", **params)
    assert any("in the address" in warning.value for warning in app.warning)


def test_a_pinned_history_is_held_against_this_one(open_page, read, table_frames):
    app = open_page("recommend", user="3", ask="Two histories")
    assert "Pin this history" in [button.label for button in app.button]
    app.button(key="pin").click().run()
    assert app.query_params["pin"] == "3"
    app = open_page("recommend", user="4", ask="Together", together="Side by side", pin="films:1,30,60", film="30")
    said = read(app)
    assert "**Pinned 1**: " in said
    assert "Simulated viewer 4 beside a new visitor: " in said
    parts = next(table for table in table_frames(app) if "Part" in table.columns)
    for side in ("Pinned", "Here"):
        values = [float(value) for value in parts[side]]
        assert sum(values[:-1]) == pytest.approx(values[-1], abs=1e-6)  # as printed
    app.button(key="unpin 0").click().run()
    assert "pin" not in app.query_params


@pytest.mark.parametrize("pin", ["99999", "films:1,99999", "films:x", "nobody"])
def test_a_pin_that_cannot_be_used_is_said(open_page, read, pin):
    assert "so it is not pinned" in read(open_page("recommend", user="3", pin=pin, ask="Two histories"))
