"""Show me: beside a claim stands the command that gives it again, the data's checksum and the seed."""

from __future__ import annotations

import json
import shlex

import pytest

from caser import cli, data


@pytest.fixture
def repeated(capsys):
    """What the command shown prints, by the start of its words."""

    def repeated(app, begins: str) -> str:
        (line,) = (code.value for code in app.code if code.value.startswith(f"python -m caser {begins}"))
        assert cli.main(shlex.split(line)[3:]) == 0
        return capsys.readouterr().out

    return repeated


def test_the_verdict_is_what_compare_says(open_page, read, repeated):
    app = open_page("compare")
    (headline,) = (part.value for part in app.subheader if part.value.startswith("With "))
    said = repeated(app, "compare cinema-caser cinema-mf --metric hr@50")
    assert said.partition(". ")[0].split(":")[0] in headline
    assert f"checksum `{data.load('cinema').checksum}`. Seed: cinema-caser 0; cinema-mf 0." in read(app)


def test_one_model_is_evaluated(open_page, repeated, checkpoints, tmp_path, monkeypatch):
    tmp_path.joinpath("cinema-mf.safetensors").write_bytes((checkpoints / "cinema-mf.safetensors").read_bytes())
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    assert "cinema-mf" in repeated(open_page("compare"), "evaluate cinema-mf")


@pytest.mark.parametrize("who", [{"user": "3"}, {"sequence": "84,21,40"}])
def test_chances_are_those_of_recommend(open_page, table_frames, repeated, who):
    app = open_page("recommend", k="5", **who)
    listed = json.loads(repeated(app, "recommend cinema-caser"))
    table = next(frame for frame in table_frames(app) if "Chance" in frame.columns)
    assert [f"{row['chance']:.1%}" for row in listed] == list(table["Chance"])


def test_filters_are_tested_by_filters(open_page, read, repeated):
    app = open_page("filters", view="Are they real?")
    assert repeated(app, "filters cinema-caser").splitlines()[-2].split(";")[0] in read(app)
