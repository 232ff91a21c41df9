"""What the table of a ranked list is given to draw."""

from __future__ import annotations

import base64
import json

import numpy as np
import pandas as pd
import pytest

from caser.dashboard.table import content as tables
from caser.dashboard.table import table as html_table

TITLES = ["Alien (1979)", "Jaws (1975)", "Big (1988)"]


@pytest.fixture
def ranked() -> pd.DataFrame:
    """A list as `caser.recommend.table` gives it, its index numpy's integers."""
    genres = [("Horror", "Sci-Fi"), (), ("Comedy",)]
    parts = {"rank": [1, 2, 3], "score": np.array([2.5, 0.126, -1.0], np.float32), "genres": genres}
    return pd.DataFrame(parts, index=np.array([7, 0, 12]))


CHANCES = np.zeros(13)  # of every film, by its dense id
CHANCES[[7, 0, 12]] = 0.9, 0.0999, 0.0001


def content(
    ranked: pd.DataFrame, target: int | None = None, ranks: list[float] | None = None, p: np.ndarray | None = CHANCES
) -> dict:
    listed = tables.listed(ranked, TITLES, target, ranks, p)
    return html_table.films(listed, target, "What Caser lists", "MF rank")


def test_every_cell_is_the_text_that_is_read(ranked):
    drawn = content(ranked, ranks=[1234, 2.5, 1])
    assert drawn["label"] == "What Caser lists"
    assert drawn["columns"] == ["#", "Film", "MF rank", "Score", "Chance"]
    assert drawn["kinds"] == ["number", "button", "number", "number", "number"]
    assert [row["cells"] for row in drawn["rows"]] == [
        ["1", "Alien (1979)", "1,234", "2.50", "90.0%"],
        ["2", "Jaws (1975)", "2.5", "0.13", "10.0%"],
        ["3", "Big (1988)", "1", "-1.00", "<0.1%"],
    ]


def test_rows_carry_their_film(ranked):
    assert [row["id"] for row in content(ranked)["rows"]] == [7, 0, 12]


@pytest.mark.parametrize(("target", "marked"), [(0, [False, True, False]), (5, [False] * 3), (None, [False] * 3)])
def test_only_the_held_out_film_is_marked(ranked, target, marked):
    rows = content(ranked, target)["rows"]
    assert [row["marked"] for row in rows] == marked
    assert [row["cells"][1].startswith("★") for row in rows] == marked


def test_without_another_model_there_is_no_column_for_it(ranked):
    drawn = content(ranked)
    assert drawn["columns"] == ["#", "Film", "Score", "Chance"]
    assert {len(row["cells"]) for row in drawn["rows"]} == {len(drawn["kinds"])}


def test_a_model_that_gives_no_chances_has_no_column_of_that_name(ranked):
    assert content(ranked, p=None)["columns"] == ["#", "Film", "Score"]


def test_it_survives_the_way_to_the_browser(ranked):
    drawn = content(ranked, 0, [1, 2, 3])
    assert json.loads(json.dumps(drawn)) == drawn


def test_an_empty_list_has_its_headings(ranked):
    listed = tables.listed(ranked[:0], [], None, [], np.zeros(0))
    drawn = html_table.films(listed, None, "What Caser lists", "MF rank")
    assert (len(drawn["columns"]), drawn["rows"]) == (5, [])


def test_a_plain_table_is_texts_without_ids():
    drawn = html_table.plain(pd.DataFrame({"Metric": ["HR@50"], "Caser": [0.5]}), "Numbers")
    assert drawn["columns"] == ["Metric", "Caser"]
    assert drawn["rows"] == [{"cells": ["HR@50", "0.5"]}]


def test_only_a_row_of_the_table_can_be_picked(ranked, monkeypatch):
    mounted, picked = {}, []
    monkeypatch.setattr(html_table, "_mount", lambda **given: mounted.update(given))
    html_table.show(content(ranked), "list", picked.append)
    for chosen in (12, 5, None, "12", 7):
        monkeypatch.setattr(html_table.st, "session_state", {"list": {"picked": chosen}})
        mounted["on_picked_change"]()
    assert picked == [12, 7]


def test_a_table_without_a_choice_listens_to_nothing(ranked, monkeypatch):
    mounted = {}
    monkeypatch.setattr(html_table, "_mount", lambda **given: mounted.update(given))
    html_table.show(html_table.plain(pd.DataFrame({"Metric": ["HR@50"]}), "Numbers"), "numbers")
    assert list(mounted) == ["key", "data"]


def test_a_strip_is_shades_of_the_largest_weight():
    drawn = html_table.strip([[0.5, -1.0], [0.25, 0.0]], "the weights of 2a")
    shades = np.frombuffer(base64.b64decode(drawn["shades"]), np.int8)
    assert (drawn["rows"], shades.tolist(), drawn["said"]) == (2, [64, -127, 32, 0], "the weights of 2a")
    assert set(np.frombuffer(base64.b64decode(html_table.strip(np.zeros((1, 3)), "")["shades"]), np.int8)) == {0}


def test_a_wide_strip_draws_the_largest_of_neighbours():
    wide = np.zeros((1, 130))
    wide[0, [1, 128]] = -2.0, 1.0
    shades = np.frombuffer(base64.b64decode(html_table.strip(wide, "")["shades"]), np.int8)
    assert len(shades) == 44
    assert (shades[0], shades[42], np.count_nonzero(shades)) == (-127, 64, 2)


def test_only_a_table_whose_rows_have_keys_can_be_sorted(monkeypatch):
    mounted = {}
    monkeypatch.setattr(html_table, "_mount", lambda **given: mounted.update(given))
    drawn = html_table.plain(pd.DataFrame({"Metric": ["HR@50"]}), "Numbers")
    html_table.show(drawn, "numbers")
    assert "hues" not in mounted["data"]
    html_table.show(drawn | {"rows": [{"cells": ["HR@50"], "keys": [None]}]}, "numbers")
    assert set(mounted["data"]["hues"]) == {"positive", "negative"}
