"""Data of one's own through the command line: brought, looked at, trained on, asked, renamed and deleted."""

from __future__ import annotations

import io
import json

import pytest

from caser import checkpoint, cli, data
from caser.data import own
from tests import own_set


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    into = tmp_path_factory.mktemp("own")
    own_set.make(into)
    return into


@pytest.fixture(autouse=True)
def here(folder, monkeypatch):
    own_set.here(monkeypatch, folder)


def run(capsys, *arguments):
    capsys.readouterr()
    code = cli.main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


def test_what_each_step_leaves_is_said_and_checking_keeps_nothing(capsys, folder):
    code, out, err = run(capsys, *own_set.command(folder, "other"), "--lowest", 3, "--check")
    assert (code, err) == (0, "")
    assert "user 'reader', item 'book'" in out
    assert "1,380 rows" in " ".join(out.split())
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
    code, compared, _ = run(capsys, "compare", "b-caser", "b-mf", "--device", "cpu")
    assert code == 0
    code, evaluated, _ = run(capsys, "evaluate", "b-caser", "b-mf", "--device", "cpu")
    code, listed, _ = run(capsys, "recommend", name, "--user", "reader-7")
    assert not [word for word in ("film", "viewer", "watched") if word in compared + evaluated + listed]
    code, out, _ = run(capsys, "report", name, "--out", folder / f"{name}.html")
    assert code == 0


def test_items_and_readers_are_called_by_their_own_ids(capsys):
    code, out, _ = run(capsys, "recommend", "b-mf", "--sequence", "b3", "id:b4", "-k", 5, "--json")
    assert code == 0
    assert all(row["item_id"] == f"b{int(row['title'].split()[-1])}" for row in json.loads(out))
    code, out, _ = run(capsys, "explain", "b-caser", "--user", "reader-7", "--item", "b9", "--json")
    assert (code, json.loads(out)["item"]["item_id"]) == (0, "b9")
    code, out, err = run(capsys, "explain", "b-caser", "--user", "reader-7", "--item", "id:9")
    assert (code, out) == (2, "")
    assert "no book 'id:9' in books" in err
    code, out, err = run(capsys, "recommend", "b-mf", "--user", "7")
    assert (code, out) == (2, "")
    assert "have ids such as 'reader-0'" in err


def test_a_history_may_be_a_list_of_own_ids(capsys, folder):
    (folder / "mine.txt").write_text("b3\nid:b4\nBook, the 5\n")
    code, out, err = run(capsys, "recommend", "b-mf", "--history", folder / "mine.txt", "-k", 2)
    assert (code, "3 matched" in err) == (0, True)
    assert "Book, the 3 (1993); Book, the 4 (1994); Book, the 5 (1995)" in out


def test_the_record_of_a_model_names_what_the_file_names():
    record = checkpoint.load("b-mf").metadata
    assert {*record.item_ids} == {f"b{i}" for i in range(30)}
    assert record.user_ids[0] == "reader-0"


def test_a_caser_is_explained_and_its_filters_tested_against_every_column(capsys):
    code, out, _ = run(capsys, "explain", "b-caser", "--user", "reader-7", "--item", "Book, the 9", "--json")
    assert code == 0
    assert json.loads(out)
    code, out, _ = run(capsys, "filters", "b-caser", "--json")
    assert code == 0
    about = json.loads(out)
    assert about["random_named"] <= 0.1 * len(about["filters"])
    assert about["random_mixtures_again_in_all"] is None  # no other seed was trained
    assert all(0 <= row["random_share_95"] <= 1 for row in about["filters"])
    assert all(part["share"] > row["random_share_95"] for row in about["filters"] for part in row["rows"])


def test_it_is_renamed_and_deleted(capsys, folder):
    assert run(capsys, *own_set.command(folder, "second"))[0] == 0
    assert run(capsys, "data", "second", "--rename", "third")[1] == "second is now third\n"
    assert data.load("third").name == "third"
    assert run(capsys, "data", "third", "--delete")[1] == "deleted third\n"
    assert own.names() == ["books"]


def test_models_follow_a_data_set_that_is_renamed_and_are_named_when_it_is_deleted(capsys, folder):
    assert run(capsys, *own_set.command(folder, "second"))[0] == 0
    assert run(capsys, "train", "--dataset", "second", "--model", "covisit", "--name", "s-covisit")[0] == 0
    assert run(capsys, "data", "second", "--rename", "third")[1] == "second is now third, also for s-covisit\n"
    assert run(capsys, "recommend", "s-covisit", "--user", "reader-7", "-k", 1)[0] == 0
    assert checkpoint.load("s-covisit").metadata.dataset == "third"
    assert run(capsys, "data", "third", "--delete")[1] == "deleted third; without data now: s-covisit\n"
    checkpoint.delete("s-covisit")


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "cp1251", "big5", "koi8-r"])
def test_a_letter_that_an_encoding_lacks_costs_that_letter(monkeypatch, encoding):
    written = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", written)
    monkeypatch.setattr("caser.cli.run_recommend", lambda _: print("Amélie – Łódź"))
    assert cli.main(["recommend", "b-caser", "--user", "reader-7"]) == 0
    written.flush()
    assert b"li" in written.buffer.getvalue()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["data", "cinema", "--delete"], "is not one that you brought"),
        (["data", "--delete"], "name the data set"),
        (["data", "books", "--rename", "ml-100k"], "there is a data set 'ml-100k' already"),
        (["data", "books", "--rename", "a/b"], "cannot name a data set"),
        (["data", "--import", "nowhere.csv"], "nowhere.csv"),
        (["data", "--import", "nowhere.csv", "--encoding", "klingon"], "there is no encoding 'klingon'; give one such"),
        (["data", "nothing", "--delete"], "nothing"),
        (["recommend", "b-caser", "--user", "reader-700"], "reader-700"),
        (["recommend", "b-caser", "--sequence", "Boook"], "no book 'Boook' in books"),
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
    code, _, err = run(capsys, *own_set.command(folder))
    assert code == 2
    assert "there is a data set 'books' already" in err
    assert own.path_of("books").read_bytes() == before
