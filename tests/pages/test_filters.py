"""Filters: every view says what it shows, a filter can be picked without a mouse, and toggles change the list."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import shutil

import numpy as np
import pytest

from caser import checkpoint
from caser.config import preset
from caser.dashboard import results
from caser.experiment import Experiment
from caser.recommend import score_catalogue

VIEWS = ["The story", "Walk-through", "Step by step", "All filters", "Positions", "Map", "Switch off", "Forming"]
VIEWS.append("Two histories")


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """No ablation table of an earlier run."""
    monkeypatch.setenv("CASER_CACHE_DIR", str(tmp_path / "cache"))


def figure(app, key: str) -> dict:
    """A chart's data by its key."""
    return json.loads(next(chart for chart in app.get("plotly_chart") if chart.key == key).proto.spec)


def numbers(values) -> list[float]:
    """A list of numbers in a chart's data, which large ones hold as base64."""
    if isinstance(values, list):
        return values
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()


def turn_to(app, view: str):
    app.segmented_control(key="view").set_value(view).run()
    assert not app.exception
    return app


def test_every_view_says_what_it_shows_and_what_not(open_page, read):
    app = open_page("filters")
    assert list(app.segmented_control(key="view").options) == VIEWS
    for view in VIEWS:
        turn_to(app, view)
        (note,) = (caption.value for caption in app.caption if caption.value.startswith("Shows "))
        assert re.search("not|leaves out|may be|might|too", note), view
        assert "simulated viewers" in read(app)
        assert app.get("plotly_chart") or view in ("The story", "Two histories")


def test_the_walk_through_adds_up(open_page, read, cinema_split):
    app = open_page("filters", view="Walk-through")
    added, total, rank = re.search(
        r"^(\*\*.*\)) = \*\*([+-][\d.]+)\*\*, rank \*\*([\d,]+)", read(app), re.MULTILINE
    ).groups()
    steps = [float(value) for value in re.findall(r"\*\*([+-][\d.]+)\*\* \(", added)]
    assert len(steps) == 5
    assert sum(steps) == pytest.approx(float(total), abs=1e-6)  # as printed
    user = cinema_split.dataset.user_index(int(app.query_params["user"]))
    model = checkpoint.load("cinema-caser").model
    scores = score_catalogue(model, user, cinema_split.history(user).tolist())
    explained = app.selectbox(key="film explained").value
    assert int(rank.replace(",", "")) == 1 + (scores > scores[explained]).sum()
    said = re.search(r"scores \*\*([+-][\d.]+)\*\*: (.*)\.$", read(app), re.MULTILINE)
    parts = [float(value) for value in re.findall(r"\*\*([+-][\d.]+)\*\* from", said[2])]
    assert len(parts) == 5
    assert sum(parts) == pytest.approx(float(said[1]), abs=1e-6)


def test_the_address_names_the_view(open_page, read):
    app = open_page("filters", view="Positions")
    assert app.segmented_control(key="view").value == "Positions"
    assert "leans most on one position" in read(app)


def test_the_stepper_goes_forward_and_back(open_page, read):
    app = open_page("filters", view="Step by step")
    app.selectbox(key="filter").select("2b").run()
    assert "After 1 of 4 windows" in read(app)
    assert "Films 1–2: the response is" in read(app)
    next(b for b in app.button if b.label == "Forward").click().run()
    assert "After 2 of 4 windows" in read(app)
    assert "Films 2–3: the response is" in read(app)
    next(b for b in app.button if b.label == "Back").click().run()
    assert "After 1 of 4 windows" in read(app)
    app.selectbox(key="filter").select("5a").run()
    assert "covers the whole window" in read(app)
    assert not app.exception


def test_a_filter_is_picked_by_keyboard_and_shown_in_detail(open_page, read):
    app = open_page("filters", view="All filters")
    app.selectbox(key="filter").select("3c").run()
    said = read(app)
    assert "#### Filter 3c" in said
    assert "Row 3** seeks" in said
    assert "of all real windows" in said
    assert "Without filter 3c" in said
    assert "with 95 % margins: HR@10" in said
    possible, real = (part.value for part in app.markdown if part.value.startswith("| response"))
    assert possible.count("\n") == real.count("\n") == 6
    assert all(line.count(" → ") == 2 for line in real.splitlines()[2:])
    assert "times" in real


def test_switching_a_part_off_moves_the_list(open_page, read):
    app = open_page("filters", view="Switch off", sequence="1,30,60,90,120")
    assert re.search(r"Without all vertical filters: \d+ of 10 films move", read(app))
    app.pills(key="Parts off").set_value([]).run()
    assert "Switch something off above" in read(app)
    app.multiselect(key="Single filters off").select("filter 1a").run()
    assert "Without filter 1a" in read(app)
    assert not app.exception


def test_filters_form_over_the_epochs(open_page, read):
    app = open_page("filters", view="Forming")
    app.select_slider(key="epoch looked at").set_value(0).run()
    assert "before training" in read(app)
    assert "Training has changed nothing yet" in read(app)
    app.select_slider(key="epoch looked at").set_value(2).run()
    assert re.search(r"\d+% as far from the start as at the end", read(app))
    app.select_slider(key="epoch looked at").set_value(3).run()
    assert "What training has changed in all" in read(app)
    assert "at the end" not in read(app)
    assert re.search(r"\*\*Row 1\*\* responds most to .+, .+", read(app))


def test_without_film_vectors_of_then_the_last_epoch_alone_is_named(open_page, read, monkeypatch):
    loaded = results.answers_then

    def last_only(trained, epoch, *at):
        snapshots = {e: {k: v for k, v in kept.items() if k != "items.weight"} for e, kept in trained.snapshots.items()}
        return loaded(dataclasses.replace(trained, snapshots=snapshots), epoch, *at)

    monkeypatch.setattr(results, "answers_then", last_only)
    app = open_page("filters", view="Forming")
    app.select_slider(key="epoch looked at").set_value(2).run()
    assert "Unknown: this checkpoint saved film vectors for the last epoch only" in read(app)
    app.select_slider(key="epoch looked at").set_value(3).run()
    assert "Row 1** responds most to" in read(app)


def test_the_epochs_play_from_the_first(open_page, read):
    app = open_page("filters", view="Forming")
    app.button(key="play epochs").click().run()
    assert not app.exception
    assert "before training" in read(app)
    assert "Pause" in [button.label for button in app.button]
    for _ in range(8):
        app.run()
    assert app.select_slider(key="epoch looked at").value == 3
    assert "Play" in [button.label for button in app.button]


def test_cinema_says_what_is_planted_and_claims_no_order_in_sagas(open_page, read):
    said = read(open_page("filters"))
    assert "The palate cleanser*: two steps" in said
    assert "sagas do not" in said


def test_a_new_visitors_part_is_called_that(open_page, read):
    app = open_page("filters", sequence="1,30,60")
    assert "from a new visitor's part" in read(app)
    assert "A new visitor watched" in read(app)
    for view in VIEWS:
        turn_to(app, view)


def test_no_films_at_all_still_draws(open_page):
    app = open_page("filters", sequence="")
    for view in VIEWS:
        turn_to(app, view)


@pytest.fixture(scope="module")
def folder_of_others(trained_once, tmp_path_factory):
    """Beside the usual checkpoints a popularity model, and Casers without one kind of filter."""
    folder = tmp_path_factory.mktemp("others") / "checkpoints"
    shutil.copytree(trained_once, folder)
    small = {"d": 4, "epochs": 1, "patience": 0, "refit": False, "L": 3}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(folder))
        Experiment("cinema-popular", "cinema", preset("popularity"), device="cpu").run()
        for name, off in (("no-h", {"n_h": 0}), ("no-v", {"n_v": 0, "n_h": 2, "p": False})):
            Experiment(f"cinema-{name}", "cinema", preset("caser").replace(**small, **off), device="cpu").run()
    return folder


@pytest.fixture
def other_models(checkpoints, folder_of_others, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folder_of_others))


def test_another_model_gives_a_notice_and_a_way_back(open_page, read, other_models):
    app = open_page("filters", model="cinema-popular")
    assert "cinema-popular has no filters to look into" in read(app)
    links = [part.proto.label for part in app.get("page_link")]
    assert "Look into cinema-caser" in links


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


def test_a_link_brings_back_the_filter_and_what_is_switched_off(open_page, read):
    app = open_page("filters", view="All filters", filter="2b")
    assert app.selectbox(key="filter").value == "2b"
    app.selectbox(key="filter").select("3a").run()
    assert app.selectbox(key="filter").value == "3a"
    app = open_page("filters", view="Switch off", off="p,height 2", cost="hr@50")
    assert app.pills(key="Parts off").value == ["p"]
    assert "Without who is watching, filters of height 2: " in read(app)
    app.pills(key="Parts off").set_value([]).run()
    assert app.query_params["off"] == "height 2"


@pytest.mark.parametrize("params", [{"filter": "9.9", "view": "All filters"}, {"off": "x", "view": "Switch off"}])
def test_a_filter_in_the_address_that_is_not_there_is_said(open_page, params):
    app = open_page("filters", **params)
    assert any("in the address" in warning.value for warning in app.warning)


def test_a_pinned_history_is_held_against_this_one(open_page, read, table_frames):
    app = open_page("filters", user="3", view="Two histories")
    assert "Pin this history" in [button.label for button in app.button]
    app.button(key="pin").click().run()
    assert app.query_params["pin"] == "3"
    app = open_page("filters", user="4", view="Two histories", pin="films:1,30,60", film="30")
    said = read(app)
    assert "**Pinned**, a new visitor: " in said
    assert "Simulated viewer 4 beside a new visitor: " in said
    parts = next(table for table in table_frames(app) if "Part" in table.columns)
    for side in ("Pinned", "Here"):
        values = [float(value) for value in parts[side]]
        assert sum(values[:-1]) == pytest.approx(values[-1], abs=1e-6)  # as printed
    app.button(key="unpin").click().run()
    assert "pin" not in app.query_params


@pytest.mark.parametrize("pin", ["99999", "films:1,99999", "films:x", "nobody"])
def test_a_pin_that_cannot_be_used_is_said(open_page, read, pin):
    assert "nothing is pinned" in read(open_page("recommend", user="3", pin=pin, ask="Two histories"))
