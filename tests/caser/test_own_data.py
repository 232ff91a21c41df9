"""Data of one's own through the command line: brought, looked at, trained on, asked, renamed and deleted."""

from __future__ import annotations

import json

import numpy as np
import pytest

from caser import cli, data
from caser.data import own

QUICK = ("--epochs", "1", "--patience", "0", "--d", "4", "--no-refit", "--device", "cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log of 60 readers and 30 books, with a table of the books, brought as `books` with a Caser and an MF."""
    into = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(0)
    rows = [
        (f"reader-{u}", f"b{i}", rng.integers(1, 6), 100 * t)
        for u in range(60)
        for t, i in enumerate(rng.permutation(30)[:12])
    ]
    lines = [",".join(map(str, row)) for row in rows]
    (into / "log.csv").write_text("\n".join(["reader,book,stars,when", *lines]))
    books = [
        f'b{i},"Book, the {i}",{1990 + i % 9},{"Poetry" if i % 2 else "Drama"},{10 * i},{"ABC"[i % 3]}'
        for i in range(30)
    ]
    (into / "books.csv").write_text("\n".join(["book,title,year,genre,pages,shelf", *books]))
    with pytest.MonkeyPatch.context() as patch:
        _here(patch, into)
        assert cli.main([*_import(into), "--items", str(into / "books.csv"), "--noun", "book"]) == 0
        for model in ("caser", "mf"):
            assert cli.main(["train", "--dataset", "books", "--model", model, "--name", f"b-{model}", *QUICK]) == 0
    return into


@pytest.fixture(autouse=True)
def here(folder, monkeypatch):
    _here(monkeypatch, folder)


def _here(patch, folder) -> None:
    patch.setenv("CASER_DATA_DIR", str(folder / "data"))
    patch.setenv("CASER_CHECKPOINT_DIR", str(folder / "checkpoints"))
    patch.setenv("HOME", str(folder))


def _import(folder, name: str = "books") -> list[str]:
    columns = ["--user", "reader", "--item", "book", "--rating", "stars", "--time", "when"]
    return ["data", "--import", str(folder / "log.csv"), "--name", name, *columns]


def run(capsys, *arguments):
    capsys.readouterr()
    code = cli.main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_what_each_step_leaves_is_said_and_checking_keeps_nothing(capsys, folder):
    code, out, err = run(capsys, *_import(folder, "other"), "--lowest", 3, "--check")
    assert (code, err) == (0, "")
    assert "user 'reader', item 'book'" in out
    assert "720 rows" in " ".join(out.split())
    assert "checked; nothing was kept" in out
    assert own.names() == ["books"]


def test_it_is_described_by_its_own_noun(capsys):
    code, out, _ = run(capsys, "data", "books")
    assert code == 0
    assert "books" in out
    assert not [word for word in ("film", "viewer", "watched") if word in out.lower()]


@pytest.mark.parametrize("name", ["b-caser", "b-mf"])
def test_every_command_answers_on_it(capsys, folder, name):
    code, out, _ = run(capsys, "evaluate", name, "--device", "cpu")
    assert (code, "HR@10" in out) == (0, True)
    code, out, _ = run(capsys, "recommend", name, "--sequence", "Book, the 3", "Book, the 4", "-k", 5, "--json")
    assert code == 0
    assert len(json.loads(out)) == 5
    code, out, _ = run(capsys, "recommend", name, "--user", "reader-7", "--json")
    assert code == 0
    code, out, _ = run(capsys, "compare", "b-caser", "b-mf", "--device", "cpu")
    assert code == 0
    code, out, _ = run(capsys, "report", name, "--out", folder / f"{name}.html")
    assert code == 0


def test_a_caser_is_explained_and_its_filters_tested_against_every_column(capsys):
    code, out, _ = run(capsys, "explain", "b-caser", "--user", "reader-7", "--item", "Book, the 9", "--json")
    assert code == 0
    assert json.loads(out)
    code, out, _ = run(capsys, "filters", "b-caser", "--json")
    assert code == 0
    assert json.loads(out)


def test_it_is_renamed_and_deleted(capsys, folder):
    assert run(capsys, *_import(folder, "second"))[0] == 0
    assert run(capsys, "data", "second", "--rename", "third")[1] == "second is now third\n"
    assert data.load("third").name == "third"
    assert run(capsys, "data", "third", "--delete")[1] == "deleted third\n"
    assert own.names() == ["books"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["data", "cinema", "--delete"], "is not one that you brought"),
        (["data", "--delete"], "name the data set"),
        (["data", "books", "--rename", "ml-100k"], "there is a data set 'ml-100k' already"),
        (["data", "books", "--rename", "a/b"], "cannot name a data set"),
        (["data", "--import", "nowhere.csv"], "nowhere.csv"),
        (["data", "nothing", "--delete"], "nothing"),
        (["recommend", "b-caser", "--user", "reader-700"], "reader-700"),
        (["recommend", "b-caser", "--sequence", "Boook"], "'Boook' in books"),
    ],
)
def test_a_mistake_ends_with_a_remedy_and_code_2(capsys, arguments, said):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert own.names() == ["books"]


def test_a_file_in_the_way_of_a_kept_set_is_left_as_it_was(capsys, folder):
    before = own.path_of("books").read_bytes()
    code, _, err = run(capsys, *_import(folder))
    assert code == 2
    assert "there is a data set 'books' already" in err
    assert own.path_of("books").read_bytes() == before
