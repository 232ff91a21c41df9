"""Own ids in the address: what is written is read again, whatever the file called its items."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from caser.dashboard import ids, loaders, visitor
from caser.dashboard import selection as state
from caser.dashboard.selection import Selection
from caser.data import table
from caser.data.table import Settings

WORDS = ("0441013503", "7", "B00X12", "a,b", "50%", "mine", "-", "films:1", "é 1", "%41", "tt0114709")


def dataset(names=WORDS):
    rows = "".join(f'"{user}"\t{name}\n' for user in ("ann", "user,2", "mine", "films:9") for name in names)
    (events,) = table.opened("log.tsv", ("user\titem\n" + rows.replace('"', "")).encode())
    return table.prepare("own", table.read(events, table.proposal(table.layout(events)).decided()), Settings()).dataset


@pytest.mark.parametrize("name", WORDS)
def test_an_id_is_read_as_it_was_written(name):
    data = dataset()
    text = ids.written(name)
    assert ids.film(data, text) == name
    assert "," not in text
    assert text not in (ids.EMPTY, ids.MINE)
    assert not text.startswith(ids.PINNED_FILMS)


def test_ids_that_are_plain_look_as_they_are():
    assert [ids.written(own) for own in (7, "0441013503", "B00X12", "tt0114709")] == [
        "7",
        "0441013503",
        "B00X12",
        "tt0114709",
    ]


@pytest.mark.parametrize("unknown", ["1", "441013503", "07", "b00x12", ""])
def test_a_number_that_no_item_is_called_means_none(unknown):
    with pytest.raises(ValueError, match="no item"):
        ids.film(dataset(), unknown)


@pytest.mark.parametrize("typed", ["0441013503", "7", "id:tt0114709", "a,b"])
def test_an_id_is_typed_where_a_film_is_added(typed):
    assert visitor.meant(SimpleNamespace(dataset=dataset()), typed) == typed.removeprefix("id:")


def test_a_selection_of_words_is_the_same_again_from_its_own_address(monkeypatch):
    data, shelf = dataset(), SimpleNamespace(models=[], problems={})
    monkeypatch.setattr(state, "_read_dataset", lambda given, notices: "cinema")
    monkeypatch.setattr(loaders, "dataset", lambda name: data)
    monkeypatch.setattr(loaders, "shelf", lambda name: shelf)
    for pin in ("films:9", ("films:1", "mine")):
        chosen = Selection("cinema", None, "user,2", WORDS, film="a,b", pins=(pin, "ann"))
        assert state.parse(chosen.params()) == (chosen, [])
    _, notices = state.parse({"user": "1", "sequence": "1,7"})
    assert "no user `1` in" in notices[0]
    assert "ids are such as `ann`" in notices[0]
    assert "has the id `1`; left out" in notices[1]
