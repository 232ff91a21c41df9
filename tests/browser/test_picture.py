"""The living picture: what the browser computes is what the library computes, for every kind of change."""

from __future__ import annotations

import os

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
from caser.picture.page import page
from caser.picture.payload import pack
from caser.recommend import rank_items, score_catalogue

SHIPPED = ["cinema-caser", "cinema-caser-seed", "ml-100k-caser", "ml-100k-caser-seed"]
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
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    tab = context.new_page()
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(file.as_uri())
    tab.wait_for_selector(".living-picture .entry")
    yield tab, model, parts
    context.close()
    assert not errors


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
    assert [text.removeprefix("★ ") for text in got["drawn"]] == [parts.dataset.labels[item] for item in got["list"]]
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
    assert "turn=" in tab.url
    tab.go_back()
    tab.wait_for_function(TITLES_ARE, arg=before)
