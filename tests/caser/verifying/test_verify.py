"""The README's figures are what follows from what is shipped, and one that is not is said, named and put right."""

import re

import pytest

from caser import cli, data
from caser.verifying import verify
from caser.verifying.verify import FIGURES, FILES, Checked

TEXT = "\n\n".join(path.read_text(encoding="utf-8") for path in FILES)


@pytest.fixture(autouse=True)
def shipped_folder(monkeypatch):
    monkeypatch.delenv("CASER_CHECKPOINT_DIR", raising=False)


@pytest.fixture
def copy(tmp_path):
    """All that has figures as one file of one's own, to be changed."""
    path = tmp_path / "README.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_the_readme_is_what_is_derived(name):
    figure = FIGURES[name]
    if missing := [dataset for dataset in figure.needs if not data.available(dataset)]:
        pytest.skip(f"{missing[0]} is not on this machine; set CASER_DATA_DIR to a folder that holds it")
    stands = verify.marked(TEXT)[name]
    derived = figure.derive()
    assert verify.alike(stands, derived, figure.slack), str(Checked(name, stands, derived, same=False))


def test_the_command_says_of_every_kept_figure_that_it_is_the_same(capsys):
    assert cli.main(["verify", "--quick"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"same         {name}" for name, figure in FIGURES.items() if not figure.needs]


def test_a_wrong_figure_is_named_and_put_right(copy, capsys):
    text = copy.read_text()
    copy.write_text(re.sub(r"(\| MF \(BPR\) \| )0.136( ± 0.006 \| 0.366)", r"\g<1>0.236\2", text, count=1))
    assert cli.main(["verify", str(copy), "--quick"]) == 1
    out, error = capsys.readouterr()
    assert "differs      ml-100k-results\n  - | MF (BPR) | 0.236" in out
    assert "1 of 12 differ: ml-100k-results" in error
    assert cli.main(["verify", str(copy), "--quick", "--write"]) == 0
    assert copy.read_text() == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("figures: users", "figures: viewers"), "'users' has no mark in the text"),
        (lambda text: f"{text} <!-- figures: x -->1<!-- /figures -->", "'x' is not known; known are users"),
        (lambda text: f"{text} <!-- figures: x -->1", "no partner"),
    ],
)
def test_a_text_whose_marks_do_not_fit_is_refused_and_stays(copy, capsys, change, message):
    changed = change(copy.read_text())
    copy.write_text(changed)
    assert cli.main(["verify", str(copy), "--write"]) == 2
    assert message in capsys.readouterr().err
    assert copy.read_text() == changed


def test_a_readme_that_is_not_there_is_said(tmp_path, capsys):
    assert cli.main(["verify", str(tmp_path / "none.md")]) == 2
    assert "none.md" in capsys.readouterr().err


def test_without_movielens_its_figures_are_left_and_said(offline, copy, monkeypatch):
    monkeypatch.setattr(verify, "FIGURES", {name: FIGURES[name] for name in ("users", "popularity")})
    monkeypatch.setattr(verify, "KINDS", ("caser",))
    text = "<!-- figures: users -->\n0 users<!-- /figures --> and <!-- figures: popularity -->x<!-- /figures -->"
    users, popularity, ml_100k, cinema = verify.check(text)
    assert (users.derived, users.same) == ("943 users", False)
    for one in (popularity, ml_100k):
        assert (one.derived, one.same) == (None, True)
        assert "`python -m caser data ml-100k` fetches it" in str(one)
    assert (cinema.name, cinema.same) == ("test ranks of cinema-caser", True)
    assert "popularity -->x<" in verify.corrected(text, [users, popularity])
