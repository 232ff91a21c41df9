"""The selection: always valid, and the same again from its own URL."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from caser import data
from caser.dashboard import selection as state
from caser.dashboard import wording
from caser.dashboard.lineup import lineup
from caser.dashboard.selection import Selection
from caser.dashboard.table import content as tables
from caser.dashboard.view import look_at
from caser.dashboard.waiting import first_download as download
from caser.data import cinema, movielens
from caser.evaluation import Ranks
from caser.field import cases


@pytest.fixture(autouse=True)
def fresh(offline, checkpoints):
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def test_defaults_are_complete_and_without_complaint():
    chosen, notices = state.parse({})
    assert (chosen.dataset, chosen.model, chosen.k, chosen.rewatch) == ("cinema", "cinema-caser", 10, False)
    assert chosen.sequence == cinema.OPENING
    assert not notices


def test_an_address_that_names_a_viewer_has_no_films_of_its_own():
    assert state.parse({"user": "7"})[0].sequence is None


@pytest.mark.parametrize(
    "changes",
    [{}, {"k": 3, "rewatch": True}, {"sequence": (5, 1, 5)}, {"sequence": ()}, {"user": 7}],
)
def test_a_link_restores_the_selection(changes):
    chosen = state.replace(state.parse({})[0], **changes)
    assert state.parse(chosen.params()) == (chosen, [])


def test_every_data_set_has_a_name():
    labels = [source.label for source in data.sources().values()]
    assert len(set(labels)) == len(labels)


def test_garbage_is_named_and_replaced():
    given = {"data": "x", "model": "y", "user": "z", "sequence": "1,q", "k": "w", "rewatch": "v"}
    chosen, notices = state.parse(given)
    assert chosen.sequence == (1,)
    for value in "xyzqwv":
        assert any(f"`{value}`" in notice for notice in notices)


def test_a_view_of_a_user_holds_out_the_test_target(cinema_split):
    view = look_at(Selection("cinema", "cinema-caser", user=3))
    user = view.dataset.user_index(3)
    assert view.history == cinema_split.history(user).tolist()
    assert view.target == cinema_split.item[cinema_split.end("test")[user]]
    assert view.window == view.history[-5:]
    assert view.rival.checkpoint.name == "cinema-mf"
    assert [one.name for one in view.pair] == ["Caser", "MF"]
    assert [one.name for one in lineup(view.trained, view.split)] == ["Caser", "MF", "Popularity"]


def test_a_view_of_a_sequence_is_anonymous_and_has_no_target():
    view = look_at(Selection("cinema", "cinema-caser", user=3, sequence=(10, 2)))
    assert view.anonymous
    assert view.dataset.item_ids[view.history].tolist() == [10, 2]
    assert view.target is None
    assert view.left_out == view.history


def test_quoted_text_can_neither_format_nor_flood():
    assert state.quoted("`a` b") == "`a b`"
    assert len(state.quoted("x" * 1000)) < 50
    assert wording.plain("*a* [b] $5") == r"\*a\* \[b\] \$5"


def test_a_fetch_is_tried_once_a_server_run(monkeypatch):
    tries = []

    def refuse(name, progress=None, timeout=0.0):
        tries.append(timeout)
        raise movielens.DataError("no network")

    monkeypatch.setattr(movielens, "fetch", refuse)
    assert not download.first_set_is_here()
    assert not download.first_set_is_here()
    assert tries == [download.TIMEOUT]
    assert download.first_download().error == "no network"


def test_extremes_are_what_they_say():
    users = np.arange(4)
    own, mf = (Ranks(users, np.array(rank, float), np.full(4, 99)) for rank in ([0, 90, 0, 80], [90, 0, 0, 80]))
    found = cases.viewers(own, mf, "MF", "Caser", lengths=np.array([5, 9, 7, 3]))
    assert list(found.values()) == [0, 1, 2, 3, 1, 3]


def test_the_download_marks_the_held_out_film(cinema_split):
    view = look_at(Selection("cinema", "cinema-caser", user=3))
    films = view.dataset.catalogue.loc[[4, view.target], ["item_id", "title", "year", "genres"]]
    text = tables.download({"Caser": films.assign(rank=[1, 2], score=[2.0, 1.0])}, view.target)
    assert text.splitlines()[0].endswith("held_out")
    assert [line[-1] for line in text.splitlines()[1:]] == ["0", "1"]


def test_the_download_has_no_text_that_a_spreadsheet_takes_for_a_formula():
    films = pd.DataFrame({"title": ["=1+1", "@x", "8 1/2"], "genres": [("-x",), (), ("Drama",)]})
    rows = pd.read_csv(StringIO(tables.download({"Caser": films}, None)), keep_default_na=False)
    assert rows["title"].tolist() == ["'=1+1", "'@x", "8 1/2"]
    assert rows["genres"].tolist() == ["'-x", "", "Drama"]


def test_a_history_in_memory_is_not_in_the_link_and_comes_back_from_the_session():
    chosen = state.replace(state.parse({})[0], sequence=(5, 1), private=True)
    assert chosen.params()["sequence"] == "mine"
    assert state.parse(chosen.params(), {"cinema": (5, 1)}) == (chosen, [])
    elsewhere, notices = state.parse(chosen.params())
    assert (elsewhere.sequence, elsewhere.private) == ((), False)
    assert "Bring it again" in notices[0]
