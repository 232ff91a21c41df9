"""The living picture: what the browser computes is what the library computes, for every kind of change."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from xml.etree import ElementTree

import numpy as np
import pytest

from caser import checkpoint, data
from caser.data.dataset import split
from caser.explain.edits import dropped, read, replaced, swapped
from caser.explain.explanation import contributions
from caser.explain.filters import filter_view
from caser.explain.knobs import Knobs, turned
from caser.explain.smallest import smallest_change
from caser.models import ANONYMOUS
from caser.picture import data as films
from caser.picture import page as page_of
from caser.picture.page import page
from caser.picture.payload import Payload, pack
from caser.recommend import rank_items, score_catalogue
from tests.pictured import ODD, untrained

SHIPPED = ["cinema-caser", "ml-100k-caser"]
CLOSE = 1e-4
LOOK = """(asked) => {
  const { picture } = document.querySelector(".living-picture");
  picture.take(asked);
  picture.draw();
  const { flow, list, item, rank, parts } = picture.scene;
  return { scores: [...flow.scores], list: list.map((row) => row.item), item, rank,
    films: parts.films, filters: parts.filters, blends: parts.blends, user: parts.user, network: parts.network,
    constant: parts.constant, drawn: [...document.querySelectorAll(".list .title")].map((title) => title.textContent) };
}"""
TURN_TO = """(knob, value) => {
  knob.focus();
  knob.value = value;
  for (const happened of ["input", "change"]) knob.dispatchEvent(new Event(happened));
}"""
TITLES_ARE = """(wanted) => {
  const titles = [...document.querySelectorAll(".list .title")].map((title) => title.textContent);
  return JSON.stringify(titles) === JSON.stringify(wanted);
}"""
SEARCHED = "!document.querySelector('.answer').textContent.includes('Searching')"


@pytest.fixture(scope="module", params=SHIPPED)
def shown(request, chromium, tmp_path_factory):
    """A shipped model in a file of its own: the page, the model and its split."""
    name = request.param
    dataset = name.partition("-caser")[0]
    if dataset != "cinema" and not data.available(dataset):
        if os.environ.get("CASER_REQUIRE_DATA") == "1":
            pytest.fail(f"{dataset} is not here")
        pytest.skip(f"{dataset} is not here")
    trained = checkpoint.load(name)
    parts = split(data.load(dataset), trained.metadata.ties)
    model = trained.model
    begin = films.data(model, 0, parts.history(0).tolist(), "viewer 1")
    file = tmp_path_factory.mktemp("page") / "picture.html"
    file.write_text(page(pack(trained, parts), begin, name), encoding="utf-8")
    with offline(chromium) as tab:
        tab.goto(file.as_uri())
        tab.wait_for_selector(".living-picture .entry")
        yield tab, model, parts


@contextmanager
def offline(chromium):
    """A window without a network, in which no script fails."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    page, page.errors = context.new_page(), []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()
    assert not page.errors


def histories(parts) -> list[tuple[int, list[int]]]:
    """Five viewers, a short history and an anonymous one."""
    users = parts.evaluated[np.linspace(0, len(parts.evaluated) - 1, 5).astype(int)].tolist()
    whole = [(user, parts.history(user).tolist()) for user in users]
    last = whole[2][1]
    return [*whole, (users[0], last[:2]), (ANONYMOUS, last[-7:]), (ANONYMOUS, [])]


def asked(model, parts, user: int, history: list[int], edited=None, **state) -> dict:
    """What the page is told of a viewer and of the address."""
    told = films.data(model, user, history, "somebody", left_out=history)
    if edited is not None:
        ids = parts.dataset.item_ids
        state["edits"] = ",".join("-" if film == model.n_items else str(ids[film]) for film in edited)
    return told | {"state": state}


def agree(tab, model, parts, user, history, edited=None, turn="") -> None:
    """The browser's numbers and list for a state, beside the library's."""
    got = tab.evaluate(LOOK, asked(model, parts, user, history, edited, turn=turn))
    changed = turned(model, Knobs.parse(turn, model))
    window = read(model, history) if edited is None else edited
    scores = score_catalogue(changed, user, window)
    left_out = sorted({*history, *(film for film in window if film != model.n_items)}) if history else []
    assert np.abs(np.array(got["scores"]) - scores).max() < CLOSE
    assert got["list"] == rank_items(scores, 10, left_out).tolist()
    titles = [re.sub(r" \(\d{4}\)$", "", parts.dataset.labels[item]) for item in got["list"]]
    assert [text.removeprefix("★ ") for text in got["drawn"]] == titles
    parted = contributions(changed, user, window, got["item"])
    view = filter_view(changed, user, window, got["item"])
    for name, wanted in (
        ("films", parted.positions),
        ("filters", [one.contribution for one in view.horizontal]),
        ("blends", [one.contribution for one in view.vertical]),
        ("user", parted.user),
        ("network", parted.network),
        ("constant", parted.constant),
    ):
        assert np.abs(np.array(got[name]) - wanted).max() < CLOSE, name


def test_every_viewers_list_and_parts_are_the_librarys(shown):
    tab, model, parts = shown
    for user, history in histories(parts):
        agree(tab, model, parts, user, history)


def test_after_every_kind_of_change_to_the_films(shown):
    tab, model, parts = shown
    padding, other = model.n_items, int(parts.target("test")[0])
    for user, history in histories(parts):
        window = read(model, history)
        for edited in (dropped(window, 2, padding), swapped(window, 3), replaced(window, 4, other), window[::-1]):
            agree(tab, model, parts, user, history, edited)


def test_after_every_kind_of_turn(shown):
    tab, model, parts = shown
    turns = [
        "h:0",
        "v:0",
        "p:0",
        "v:-2,h:3",
        "2b:2.5,V1:-1.5",
        "V2@3:0.7,V1@1:-0.4",
        "3c@2.4:1.5",
        "who:0.2",
        "who:0.9,h:2,V2:0",
    ]
    for at, (user, history) in enumerate(histories(parts)):
        for turn in turns[at % 2 :: 2]:
            agree(tab, model, parts, user, history, turn=turn)
        agree(tab, model, parts, user, history, read(model, history)[::-1], turn=turns[at % len(turns)])


def test_what_puts_a_film_on_top_does(shown):
    """The smallest change of a kind that the browser finds is the library's, and it works."""
    tab, model, parts = shown
    user, history = histories(parts)[1]
    scores = score_catalogue(model, user, history)
    item = int(rank_items(scores, 3, history)[2])
    own = parts.dataset.item_ids[item]
    tab.evaluate(LOOK, asked(model, parts, user, history, film=str(own)))
    tab.locator(".ask").click()
    tab.wait_for_function(SEARCHED, timeout=60_000)
    offers = tab.locator(".answer .found")
    wanted = smallest_change(model, user, history, item, history)
    if wanted is None:
        assert "No single change" in tab.locator(".answer").inner_text()
        return
    assert offers.count()
    for at in range(offers.count()):
        text = offers.nth(at).inner_text()
        offers.nth(at).click()
        rank = tab.evaluate("document.querySelector('.living-picture').picture.scene.rank")
        assert rank == 1, text
        tab.locator(".undo").click()
        tab.locator(".ask").click()
        tab.wait_for_function(SEARCHED, timeout=60_000)
        offers = tab.locator(".answer .found")


def test_state_lives_in_the_address(shown):
    tab, model, parts = shown
    user, history = histories(parts)[1]
    tab.evaluate(LOOK, asked(model, parts, user, history))
    before = tab.locator(".list .title").all_inner_texts()
    tab.locator(".turner input").first.evaluate(TURN_TO, "0")
    assert tab.locator(".list .title").all_inner_texts() != before
    assert "turn=" in tab.evaluate("location.href")
    tab.go_back()
    tab.wait_for_function(TITLES_ARE, arg=before)


# ---- models and histories of every kind


@pytest.fixture(scope="module")
def one_for_all(chromium):
    with offline(chromium) as page:
        yield page


@pytest.fixture
def tab(one_for_all):
    """That window, as if it were new."""
    one_for_all.errors.clear()
    one_for_all.set_viewport_size({"width": 1280, "height": 720})
    one_for_all.mouse.move(0, 0)  # a picture does not move by itself below the mouse
    yield one_for_all
    assert not one_for_all.errors


def show(tab, tmp_path, split, history=(1, 2, 3, 4, 5), user=0, **changes):
    """A random model's picture; returns the model."""
    trained = untrained(split, **changes)
    file = tmp_path / "picture.html"
    file.write_text(page_of.show(trained, split, user, list(history), "viewer 1").html, encoding="utf-8")
    tab.goto(file.as_uri())
    tab.wait_for_selector(".living-picture .entry")
    return trained.model


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_odd_models_are_drawn_whole(tab, tmp_path, cinema_split, odd):
    model = show(tab, tmp_path, cinema_split, **ODD[odd])
    wanted = score_catalogue(model, 0, [1, 2, 3, 4, 5])
    scores = tab.evaluate("[...document.querySelector('.living-picture').picture.scene.flow.scores]")
    assert np.abs(np.array(scores) - wanted).max() < CLOSE
    assert tab.locator(".horizontal").count() == bool(model.config.n_h)
    assert tab.locator(".vertical").count() == bool(model.config.n_v)
    assert tab.locator(".place").count() == model.L
    for _ in range(8):  # every stop
        tab.locator(".living-picture").press("ArrowRight")
        assert tab.locator(".say").inner_text()


@pytest.mark.parametrize("films", [0, 1, 50])
def test_histories_of_any_length(tab, tmp_path, cinema_split, films):
    show(tab, tmp_path, cinema_split, history=range(films), user=ANONYMOUS)
    assert tab.locator(".place:not(.empty)").count() == min(films, 5)
    assert tab.locator(".entry").count() == 10


def test_every_sentence_is_short(tab, tmp_path, cinema_split):
    show(tab, tmp_path, cinema_split, L=7)
    said = tab.evaluate("document.querySelector('.living-picture').picture.stops.map((stop) => stop.say)")
    assert len(said) == 7
    assert max(len(sentence.split()) for sentence in said) <= 20


def test_it_moves_by_itself_and_stands_still_when_asked(chromium, tmp_path, cinema_split):
    with offline(chromium) as page:
        page.clock.install()
        show(page, tmp_path, cinema_split)
        said = page.locator(".say")
        first = said.inner_text()
        page.clock.run_for(5000)
        assert said.inner_text() != first
        page.locator(".play").click()
        page.mouse.move(0, 0)  # below the mouse it would stand still anyway
        still = said.inner_text()
        page.clock.run_for(5000)
        assert said.inner_text() == still
        page.emulate_media(reduced_motion="reduce")
        page.reload()
        assert page.locator(".play").inner_text() == "Play"


def test_films_are_moved_dropped_and_added_by_keyboard(tab, tmp_path, cinema_split):
    show(tab, tmp_path, cinema_split)
    titles = lambda: tab.locator(".place .title").all_inner_texts()  # noqa: E731
    before = titles()
    tab.locator(".place").nth(0).focus()
    tab.keyboard.press("Shift+ArrowDown")
    assert titles() == [before[1], before[0], *before[2:]]
    tab.keyboard.press("Delete")
    assert titles() == [before[1], "no film", *before[2:]]
    tab.locator(".search input").fill("godfather")
    tab.keyboard.press("Enter")
    assert "Godfather" in titles()[-1]
    assert titles()[:-1] == [before[1], *before[2:]]
    tab.locator(".changed", has_text="moved").wait_for()  # said once the hand rests
    for _ in range(3):
        tab.locator(".undo").click()
    assert titles() == before


def test_a_film_is_dragged(tab, tmp_path, cinema_split):
    show(tab, tmp_path, cinema_split)
    before = tab.locator(".place .title").all_inner_texts()
    held, onto = (tab.locator(".place").nth(at).bounding_box() for at in (0, 2))
    tab.mouse.move(held["x"] + 40, held["y"] + 10)
    tab.mouse.down()
    tab.mouse.move(onto["x"] + 40, onto["y"] + onto["height"] - 5, steps=6)
    tab.wait_for_timeout(200)  # a browser hands moves on with its next frame
    while_held = tab.locator(".place .title").all_inner_texts()
    tab.mouse.up()
    assert tab.locator(".place .title").all_inner_texts() == while_held == [*before[1:3], before[0], *before[3:]]
    assert "edits=" in tab.evaluate("location.href")


def test_a_weight_is_dragged_and_a_cell_is_typed(tab, tmp_path, cinema_split):
    show(tab, tmp_path, cinema_split)
    bar = tab.locator(".sliders [data-place='1']").bounding_box()
    tab.mouse.move(bar["x"] + 5, bar["y"] + 30)
    tab.mouse.down()
    tab.mouse.move(bar["x"] + 5, bar["y"] + 5, steps=4)
    tab.wait_for_timeout(200)
    tab.mouse.up()
    assert "%402" in tab.evaluate("location.href")
    tab.locator(".horizontal .cell").nth(4).click()
    tab.locator(".editor input").nth(1).fill("3.5")
    tab.keyboard.press("Enter")
    name = tab.evaluate("document.querySelector('.living-picture').picture.state.opened")
    assert f"{name}%401.2%3A3.5" in tab.evaluate("location.href")


def test_pointing_shows_the_arithmetic(tab, tmp_path, cinema_split):
    show(tab, tmp_path, cinema_split)
    tab.locator(".horizontal .cell").nth(3).hover()
    card = tab.locator(".card").inner_text()
    assert " × " in card
    assert "bias" in card
    assert tab.locator(".arrows.lit .on").count()


def test_weights_that_do_not_parse_get_a_sentence(tab, tmp_path, cinema_split):
    shown = page_of.show(untrained(cinema_split), cinema_split, 0, [1], "viewer 1")
    text = page_of.page(Payload(shown.payload.about, shown.payload.arrays[:2]), shown.data, "broken")
    (tmp_path / "broken.html").write_text(text, encoding="utf-8")
    tab.goto((tmp_path / "broken.html").as_uri())
    assert "could not be read" in tab.locator("#picture").inner_text()


def test_saved_files_are_whole(tab, tmp_path, cinema_split):
    show(tab, tmp_path, cinema_split)
    tab.locator(".place").nth(1).focus()
    tab.keyboard.press("Delete")
    after = tab.locator(".list .title").all_inner_texts()
    tab.locator(".save summary").click()
    saved = {}
    for kind in ("PNG", "SVG", "Page"):
        with tab.expect_download() as download:
            tab.locator(".save button", has_text=kind).click()
        saved[kind] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[kind])
    assert saved["PNG"].read_bytes()[:4] == b"\x89PNG"
    drawn = ElementTree.parse(saved["SVG"])
    texts = "".join(drawn.getroot().itertext())
    assert after[0].split()[0] in texts
    tab.goto(saved["Page"].as_uri())
    assert tab.locator(".list .title").all_inner_texts() == after


@pytest.mark.parametrize("width", [420, 640])
def test_narrow_windows_need_no_sideways_scrolling(tab, tmp_path, cinema_split, width):
    tab.set_viewport_size({"width": width, "height": 800})
    show(tab, tmp_path, cinema_split, L=7)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
