"""Compare: numbers with intervals, a paired test, and the protocol beside them."""

from __future__ import annotations

import json

from caser import checkpoint, data
from caser.data.dataset import split
from caser.evaluation import compare, evaluate


def test_numbers_and_intervals_are_those_of_evaluation(open_page, table_frames):
    table = table_frames(open_page("compare"))[0].set_index("Metric")
    ranks = evaluate(checkpoint.load("cinema-caser").model, split(data.load("cinema")))
    low, high = ranks.intervals()["hr@50"]
    assert table.loc["HR@50", "Caser"] == f"{ranks.means()['hr@50']:.3f}  ({low:.3f} to {high:.3f})"
    assert list(table.columns) == ["Caser", "MF", "Popularity"]


def test_the_paired_test_is_reported(open_page, read):
    parts = split(data.load("cinema"))
    caser, mf = (evaluate(checkpoint.load(f"cinema-{m}").model, parts) for m in ("caser", "mf"))
    expected = compare(caser, mf, "hr@50")
    text = read(open_page("compare"))
    assert f"{100 * abs(expected.difference):.1f} points" in text
    assert "paired permutation test" in text
    assert f"Caser higher ({expected.wins:,})" in json.dumps(charts(open_page("compare")), ensure_ascii=False)


def charts(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def test_protocol_and_tie_rule_stand_beside_the_numbers(open_page, read):
    text = read(open_page("compare"))
    assert "the first of them in file order is held out" in text
    assert "equal scores count a half" in text
    assert "simulated viewers have both" in text


def test_the_seeds_negative_rule_is_said(open_page, read, checkpoints, tmp_path, monkeypatch):
    for path in checkpoints.iterdir():
        text = path.read_bytes().replace(b'"hide_test": false', b'"hide_test": true')
        (tmp_path / path.name).write_bytes(text)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    assert "the seed chapter's own negative rule" in read(open_page("compare"))


def test_without_mf_popularity_is_still_compared(open_page, read, table_frames, checkpoints, tmp_path, monkeypatch):
    for suffix in (".pt", ".json"):
        name = f"cinema-caser{suffix}"
        (tmp_path / name).write_bytes((checkpoints / name).read_bytes())
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    app = open_page("compare")
    assert list(table_frames(app)[0].columns) == ["Metric", "Caser", "Popularity"]
    assert "No other model is trained" in read(app)
