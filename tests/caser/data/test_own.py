"""A data set that somebody brought is kept whole, comes back as it was, and is never mixed up with the shipped ones."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from caser import data
from caser.data import own, table
from caser.data.archive import DataError
from caser.data.table import Settings

ROWS = "\n".join(f"u{u},i{i},{(i * 7 + u) % 5 + 1},{100 * i}" for u in range(4) for i in range(5))
ITEMS = "item,title,year,genre,pages\n" + "\n".join(f"i{i},Book {i},{1990 + i},Poetry,{i * 10}" for i in range(5))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path))
    return tmp_path / "own"


def prepared(name: str = "books") -> table.Prepared:
    (events,), (items,) = (table.opened("log.csv", text.encode()) for text in (f"user,item,stars,time\n{ROWS}", ITEMS))
    found = table.read(events, table.proposal(table.layout(events)).decided())
    return table.prepare(name, found, Settings(noun="book"), items)


def test_it_comes_back_as_it_was():
    kept = prepared()
    own.keep(kept)
    back = data.load("books")
    assert back.checksum == kept.dataset.checksum
    assert back.digest == kept.dataset.digest
    pd.testing.assert_frame_equal(back.catalogue, kept.dataset.catalogue, check_dtype=False)
    assert back.user_names == kept.dataset.user_names
    source = data.source("books")
    assert (source.noun, source.own, source.available, source.fetch) == ("book", True, True, None)
    assert str(own.folder()) in source.place


def test_a_set_that_an_older_version_kept_is_the_same_set():
    kept = prepared()
    own.keep(kept)
    stored = dict(np.load(own.path_of("books")))
    about = json.loads(stored["about"].tobytes())
    about["catalogue"]["own_id"] = about["catalogue"]["item_id"]  # beside numbers of their own
    about["catalogue"]["item_id"] = list(range(1, 6))
    stored["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(own.path_of("books"), **stored)
    back = data.load("books")
    assert back.checksum == kept.dataset.checksum == "dce17126fb02f8bdb8edb9a5c576d400"
    assert back.item_ids.tolist() == ["i0", "i1", "i2", "i3", "i4"]
    pd.testing.assert_frame_equal(back.catalogue, kept.dataset.catalogue, check_dtype=False)


def test_it_is_listed_renamed_and_deleted(folder):
    own.keep(prepared())
    assert own.names() == ["books"]
    own.rename("books", "shelf", list(data.sources()))
    assert own.names() == ["shelf"]
    assert data.load("shelf").name == "shelf"
    own.delete("shelf")
    assert own.names() == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["ml-100k", "cinema", "books", "../out", "", "Ü", "a" * 41, "a b"])
def test_a_name_that_is_taken_or_cannot_be_is_refused(name):
    own.keep(prepared())
    with pytest.raises(DataError, match=r"cannot name a data set|there is a data set"):
        own.check_name(name, list(data.sources()))


def test_a_file_put_there_by_hand_never_stands_for_a_shipped_one(folder):
    own.keep(prepared("cinema"))
    assert data.source("cinema").own is False
    assert data.load("cinema").simulated


def damaged(**changes) -> None:
    with np.load(own.path_of("books")) as stored:
        arrays = dict(stored) | changes
    np.savez(own.path_of("books"), **arrays)


DAMAGES = {
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:200]),
    "no archive": lambda path: path.write_bytes(b"nothing"),
    "an item too many": lambda _: damaged(item=np.full(20, 99)),
    "a rating that is none": lambda _: damaged(rating=np.full(20, np.nan, np.float32)),
    "columns of other lengths": lambda _: damaged(timestamp=np.zeros(3, np.int64)),
    "offsets that fall": lambda _: damaged(offset=np.array([0, 9, 5, 15, 20])),
    "no text": lambda _: damaged(about=np.zeros(4, np.uint8)),
    "another format": lambda _: damaged(about=np.frombuffer(b'{"format": 9}', np.uint8)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_says_how_to_be_rid_of_it(damage):
    own.keep(prepared())
    damage(own.path_of("books"))
    with pytest.raises(DataError, match=r"'books' cannot be read .* --delete` and bring it again"):
        data.load("books")
    assert "books" in data.sources()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "own").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot write to .*Nothing was kept"):
        own.keep(prepared())
