"""What would put a film on top: of each kind the browser finds the change that the library finds first."""

from __future__ import annotations

import numpy as np
import pytest

from caser import checkpoint, data
from caser.data.dataset import split
from caser.data.histories import Histories
from caser.explain.knobs import Knobs, turned
from caser.explain.smallest import ADD, DROP, NOTHING, REPLACE, SWAP, TURN, changes_to_first
from caser.models import ANONYMOUS
from caser.picture import data as films
from caser.picture import page
from caser.recommend import rank_items, score_catalogue

KINDS = (DROP, SWAP, TURN, ADD, REPLACE)
ROUNDING = 5e-4  # a lead that packed weights may turn round
SEARCH = """(asked) => new Promise((go) => {
  const { picture } = document.querySelector(".living-picture");
  picture.take(asked);
  picture.draw();
  const { say } = picture.list;
  picture.list.say = (changes, done) => {
    if (!done) return;
    picture.list.say = say;
    const plain = ({ kind, state: { films = null }, name = null, value = null }) => ({ kind, films, name, value });
    go(changes.map(plain));
  };
  picture.search();
})"""


@pytest.fixture(scope="module")
def searched(chromium, tmp_path_factory):
    """Asks the page of a small shipped model; returns what asks, the model and its split."""
    trained = checkpoint.load("cinema-caser-seed")
    parts = split(data.load("cinema"), trained.metadata.ties)
    file = tmp_path_factory.mktemp("page") / "picture.html"
    file.write_text(page.show(trained, parts, 0, parts.history(0).tolist(), "viewer 1").html, encoding="utf-8")
    context = chromium.new_context(offline=True)
    tab = context.new_page()
    tab.goto(file.as_uri())
    tab.wait_for_selector(".living-picture .entry")
    yield tab, trained.model, parts
    context.close()


def liked(parts) -> list[int]:
    """The films, the most watched first."""
    _, items = Histories(parts, "test").visible()
    return np.argsort(-np.bincount(items.numpy(), minlength=parts.dataset.n_items), kind="stable").tolist()


@pytest.mark.parametrize("turn", ["", "v:0.5,2b:2,1a:0,who:0.4,V1@2:0.3"])
@pytest.mark.parametrize("short", [None, 2])
def test_the_browser_finds_what_the_library_finds_first(searched, turn, short):
    tab, model, parts = searched
    knobs = Knobs.read(turn, model)[0]
    for user, place in ((3, 1), (200, 2), (ANONYMOUS, 3)):
        history = parts.history(max(user, 0)).tolist()[-short if short else 0 :]
        left_out = history if user == 3 or short else []
        item = int(rank_items(score_catalogue(turned(model, knobs), user, history), place + 1, left_out)[place])
        told = films.data(model, user, history, "somebody", left_out=left_out)
        state = {"turn": knobs.text, "film": str(parts.dataset.item_ids[item])}
        got = {change["kind"]: change for change in tab.evaluate(SEARCH, told | {"state": state})}
        wanted = list(changes_to_first(model, user, history, item, left_out, liked(parts), knobs))
        for kind in KINDS:
            agrees(kind, got.get(kind), [change for change in wanted if change.kind == kind], model)


def agrees(kind: str, got: dict | None, wanted: list, model) -> None:
    """The first of the library's, or one before it that rounding lets pass."""
    clear = next((at for at, change in enumerate(wanted) if change.lead > ROUNDING), len(wanted))
    possible = [as_browser(change, model) for change in wanted[: clear + 1]]
    if got is None:
        assert clear == len(wanted), (kind, wanted[:1])
    else:
        assert got in possible, (kind, possible[:1])


def as_browser(change, model) -> dict:
    if change.kind == TURN:
        return {"kind": TURN, "films": None, "name": change.name, "value": change.knobs.value(change.name)}
    window = [-1 if film == model.n_items else film for film in change.films]
    return {"kind": change.kind, "films": window, "name": None, "value": None}


def test_nothing_is_searched_for_the_first_film(searched):
    tab, model, parts = searched
    history = parts.history(5).tolist()
    item = int(rank_items(score_catalogue(model, 5, history), 1, history)[0])
    told = films.data(model, 5, history, "somebody", left_out=history)
    state = {"film": str(parts.dataset.item_ids[item])}
    assert tab.evaluate(SEARCH, told | {"state": state}) == []
    assert next(changes_to_first(model, 5, history, item, history)).kind == NOTHING
