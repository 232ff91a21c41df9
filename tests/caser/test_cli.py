"""The command line as a user meets it: output, exit codes, and nothing but one line on a mistake."""

import dataclasses
import json
import re

import numpy as np
import pytest

from caser import checkpoint, cli, data, study
from caser.config import preset
from caser.data.dataset import split
from caser.evaluation import METRICS, evaluate
from caser.experiment import Experiment
from tests.stored import rewrite, set_fields

HEADER = "userId,movieId,rating,timestamp"
QUICK = ["--epochs", "1", "--patience", "0", "--d", "8"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two small checkpoints on cinema, trained through the command line."""
    into = tmp_path_factory.mktemp("checkpoints")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(into))
        for seed in ("0", "1"):
            name = f"small-{seed}"
            assert cli.main(["train", "--dataset", "cinema", "--name", name, "--seed", seed, *QUICK]) == 0
    return into


@pytest.fixture(autouse=True)
def here(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folder))
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "no data"))
    monkeypatch.setenv("HOME", str(tmp_path))


PROGRESS = re.compile(r"^.* left\n", re.MULTILINE)  # a line of it, which only slow work prints


def run(capsys, *arguments):
    code = cli.main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, re.sub(PROGRESS, "", err)


def test_train_prints_a_line_an_epoch_and_then_the_test_metrics(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "new"))
    code, out, err = run(capsys, "train", "--dataset", "cinema", "--model", "mf", "--name", "m", *QUICK)
    assert (code, err) == (0, "")
    weighed, *lines = out.splitlines()
    assert "weighs its targets against items drawn for each" in weighed
    for word in ("select", "loss", "HR@10", "HR@50", "NDCG@10", "AUC", "examples/s", "left at most"):
        assert word in lines[0]
    assert "refit" in lines[1]
    assert "simulated viewers" in out
    assert checkpoint.load("m").ranks.means()["auc"] > 0


def test_the_median_seed_on_validation_is_kept_with_the_ranks_of_all(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "new"))
    settings = ("--dataset", "cinema", "--model", "mf", *QUICK)
    for seed in range(3):
        run(capsys, "train", *settings, "--name", f"m{seed}", "--seed", str(seed))
    code, out, err = run(capsys, "train", *settings, "--name", "m", "--seeds", "3")
    assert (code, err) == (0, "")
    alone, kept = [checkpoint.load(f"m{seed}") for seed in range(3)], checkpoint.load("m")
    validation = [one.metadata.validation["ndcg@10"] for one in alone]
    assert kept.metadata.seed == validation.index(sorted(validation)[1])
    assert f"saved seed {kept.metadata.seed}, the median on validation of 0, 1, 2" in out
    assert list(kept.seeds) == [0, 1, 2]
    for one in alone:
        assert kept.seeds[one.metadata.seed].means() == one.ranks.means()


def test_evaluate_recomputes_from_the_weights(capsys, folder):
    path = folder / "small-0.safetensors"
    written = path.read_bytes()
    rewrite(path, lambda record, arrays: arrays["ranks/rank"].zero_())
    code, out, _ = run(capsys, "evaluate", "small-0", str(folder / "small-1"), "--json")
    path.write_bytes(written)
    rows = json.loads(out)
    assert code == 0
    assert [row["checkpoint"] for row in rows] == ["small-0", "small-1"]
    assert set(rows[0]) == {"checkpoint", "users", *METRICS}
    expected = evaluate(checkpoint.load("small-0").model, split(data.load("cinema"))).means()
    assert {m: rows[0][m] for m in METRICS} == pytest.approx(expected)
    assert rows[0]["users"] == 800


def test_evaluate_adds_mean_and_spread_over_seeds(capsys):
    _, out, _ = run(capsys, "evaluate", "small-0", "small-1")
    rows = {line.rsplit(maxsplit=9)[0]: line for line in out.splitlines()}
    assert any(line.startswith("mean of 2 seeds") for line in rows.values())
    assert "standard deviation" in out
    assert "95 % bootstrap over users" in out


def test_recommend_for_a_user(capsys):
    code, out, _ = run(capsys, "recommend", "small-0", "--user", "5", "-k", "3", "--json")
    films = json.loads(out)
    assert code == 0
    assert [film["rank"] for film in films] == [1, 2, 3]
    assert set(films[0]) == {"rank", "item_id", "title", "year", "genres", "score", "chance"}
    assert 0 < sum(film["chance"] for film in films) < 1
    dataset = data.load("cinema")
    history = split(dataset).history(dataset.user_index(5))
    assert not {film["item_id"] for film in films} & set(dataset.item_ids[history].tolist())
    _, out, _ = run(capsys, "recommend", "small-0", "--user", "5")
    assert "held out:" in out


def test_similar_films(capsys):
    code, out, _ = run(capsys, "similar", "small-0", "--item", "alien", "-k", "3", "--json")
    films = json.loads(out)
    assert code == 0
    assert [film["rank"] for film in films] == [1, 2, 3]
    assert list(films[0]) == ["rank", "item_id", "title", "year", "genres", "cosine"]
    assert 1 >= films[0]["cosine"] >= films[1]["cosine"] >= films[2]["cosine"] >= -1
    assert "Alien" not in {film["title"] for film in films}
    _, out, _ = run(capsys, "similar", "small-0", "--item", "alien", "-k", "3")
    assert all(film["title"] in out for film in films)
    assert run(capsys, "similar", "small-0", "--item", "alien", "-k", "0")[::2] == (
        2,
        "caser: k is 0; give a whole number, at least 1\n",
    )


def test_recommend_for_a_sequence_of_titles_and_ids(capsys):
    dataset = data.load("cinema")
    title, other = dataset.catalogue["title"].iat[0], str(dataset.item_ids[1])
    code, out, _ = run(capsys, "recommend", "small-0", "--sequence", title.upper(), other, "--json")
    films = json.loads(out)
    assert code == 0
    assert len(films) == 10
    assert not {film["item_id"] for film in films} & set(dataset.item_ids[:2].tolist())
    assert np.all(np.diff([film["score"] for film in films]) <= 0)


@pytest.fixture
def numbers(tmp_path, monkeypatch, capsys):
    """A small set where 187 is a film's title and another's id, and a checkpoint "own" that was trained on it."""
    titles = {1: "Alien (1979)", 2: "187 (1997)", 3: '"Boot, Das (1981)"', 4: "M\ufffd (1931)", 5: "Up (2009)"}
    titles[187] = '"Godfather: Part II, The (1974)"'
    folder = tmp_path / "data" / "ml-latest-small"
    folder.mkdir(parents=True)
    films = [f"{item},{title},Drama" for item, title in titles.items()]
    rows = [f"{user},{item},4.0,{time}" for user in range(1, 9) for time, item in enumerate(titles) if item != user]
    for file, lines in (("movies.csv", ["movieId,title,genres", *films]), ("ratings.csv", [HEADER, *rows])):
        (folder / file).write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "own"))
    assert run(capsys, "train", "--dataset", "ml-latest-small", "--name", "own", *QUICK)[0] == 0


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("arguments", [["recommend", "own", "--sequence"], ["explain", "own", "--user", "1", "--item"]])
def test_a_number_that_is_a_title_and_an_id_is_asked_about(capsys, arguments):
    code, out, err = run(capsys, *arguments, "187")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "187 is the id of The Godfather: Part II (1974) and the title of 187 (1997) = id:2" in err
    assert "write id:187 or title:187" in err
    for advised in ("id:187", "title:187"):
        assert run(capsys, *arguments, advised)[0] == 0


@pytest.mark.usefixtures("numbers")
def test_films_are_named_by_id_by_title_and_as_their_file_does(capsys):
    code, out, _ = run(capsys, "recommend", "own", "--sequence", "id:187", "title:187", "Boot, Das (1981)", "1")
    assert code == 0
    watched = "The Godfather: Part II (1974); 187 (1997); Das Boot (1981); Alien (1979)"
    assert out.startswith(f"recent films, oldest first: {watched}\n")


@pytest.mark.usefixtures("numbers")
def test_data_says_what_is_amiss_with_the_files(capsys):
    _, out, _ = run(capsys, "data", "ml-latest-small")
    assert "\nnote: movies.csv has lost letters: 1 were written as \ufffd" in out


def test_films_of_one_title_and_repeats_are_said(capsys, tmp_path, monkeypatch):
    folder = tmp_path / "data" / "ml-latest-small"
    folder.mkdir(parents=True)
    films = [f"{item},{'Alien (1979)' if item < 3 else f'Film {item} (1990)'},Drama" for item in range(1, 7)]
    rows = [f"{user},{item},4.0,{item}" for user in range(1, 9) for item in range(1, 7) if item != user]
    for file, lines in (("movies.csv", ["movieId,title,genres", *films]), ("ratings.csv", [HEADER, *rows])):
        (folder / file).write_text("\n".join(lines))
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "own"))
    assert run(capsys, "train", "--dataset", "ml-latest-small", "--name", "own", *QUICK)[0] == 0
    code, out, _ = run(capsys, "recommend", "own", "--sequence", *["5"] * 5, "6", "alien (1979) · id 2")
    assert code == 0
    assert "Film 6 (1990); Alien (1979) · id 2\nthe model reads the last 5 of 7 films\n" in out
    assert "Film 5 (1990) is there 5 times\n" in out
    assert out.endswith("ml-latest-small has several entries called Alien (1979); their ids tell them apart\n")


def test_data_says_what_is_in_the_way(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **options: pytest.fail("the network was asked"))
    folder = tmp_path / "no data" / "ml-100k"
    folder.mkdir(parents=True)
    (folder / "README").write_text("mine")
    for command in (["data", "ml-100k"], ["train", "--name", "x", "--dataset", "ml-100k"]):
        code, out, err = run(capsys, *command)
        assert (code, out) == (2, "")
        assert f"{folder} holds README, but not u.data, u.item, u.genre; put what is missing there, or move" in err


def test_data_lists_and_describes(capsys):
    code, out, _ = run(capsys, "data")
    assert code == 0
    assert all(name in out for name in data.sources())
    code, out, _ = run(capsys, "data", "cinema")
    assert code == 0
    assert "interactions" in out
    assert "simulated" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data", "netflix"], "unknown data set 'netflix'; choose one of cinema, ml-100k"),
        (["train", "--name", "x", "--dataset", "netflix"], "unknown data set 'netflix'"),
        (["train", "--name", "x", "--dataset", "ml-100k"], "python -m caser data ml-100k"),
        (["train", "--name", "x", "--model", "svd"], "unknown model 'svd'; choose one of popularity, "),
        (["train", "--name", "x", "--preset", "huge"], "chapter, paper, tuned"),
        (["train", "--name", "x", "--d", "0"], "d is 0; it must lie between 1 and 1024"),
        (["train", "--name", "x", "--lr", "nan"], "lr is nan"),
        (["train", "--name", "x", "--model", "mf", "--n-h", "3"], "'mf' has no setting 'n_h'"),
        (["train", "--name", "a/b"], "cannot name a checkpoint"),
        (["train", "--name", "small-0", "--dataset", "cinema"], "there is a checkpoint 'small-0' already"),
        (["train", "--name", "x", "--dataset", "cinema", "--ties", "both"], "first, last"),
        (["train", "--name", "x", "--dataset", "cinema", "--device", "abacus"], "unknown device 'abacus'"),
        (["evaluate", "nothing"], "no checkpoint 'nothing'"),
        (["recommend", "small-0", "--user", "100000"], "no user 100000 in cinema"),
        (["recommend", "small-0", "--sequence", "qqqqqq"], "no film 'qqqqqq'"),
        (["recommend", "small-0", "--user", "1", "-k", "0"], "k is 0"),
        (["study", "small-0", "--seeds", "0"], "seeds is 0; give 1 to 100"),
        (["study", "small-0", "--vary", "L=3,99"], "L is 99; it must lie between 1 and 20"),
        (["study", "small-0", "--vary", "L=x"], "L is 'x'; give whole numbers"),
    ],
)
def test_a_mistake_ends_with_a_remedy_and_code_2(capsys, folder, arguments, message):
    before = sorted(folder.iterdir())
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert out == ""
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["train"], ["train", "--name", "x", "--d", "many"], ["recommend", "x"]]
)
def test_a_malformed_command_exits_2(arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2


def test_a_checkpoint_of_other_data_is_refused(capsys, folder, tmp_path, monkeypatch):
    path = tmp_path / "old.safetensors"
    path.write_bytes((folder / "small-0.safetensors").read_bytes())
    set_fields(path, dataset_checksum="0" * 32)
    code, _, err = run(capsys, "evaluate", str(path))
    assert code == 2
    assert "was trained on cinema with checksum 0000" in err


def test_a_folder_that_cannot_be_written_is_found_out_before_training(capsys, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(blocked))
    code, out, err = run(capsys, "train", "--dataset", "cinema", "--name", "x", *QUICK)
    assert (code, out) == (2, "")
    assert "set CASER_CHECKPOINT_DIR to a folder you can write to" in err


def test_every_setting_has_a_flag():
    help = next(a for a in cli.parser()._actions if a.choices).choices["train"].format_help()
    for name in cli.CONFIG_FIELDS:
        assert f"--{name.replace('_', '-')}" in help


def test_an_experiment_is_what_the_command_line_runs(folder):
    again = Experiment("again", "cinema", preset("caser").replace(epochs=1, patience=0, d=8)).run()
    assert again.ranks.means() == checkpoint.load("small-0").ranks.means()
    for path in folder.glob("again.*"):
        path.unlink()


def advised(text):
    """The commands that a message puts into backticks."""
    return [words.split()[3:] for words in re.findall(r"`(python -m caser [^`]+)`", text)]


def test_every_command_that_a_message_advises_runs(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    quick = ["--d", "2", "--epochs", "1", "--patience", "0", "--no-refit", "--device", "cpu"]
    assert cli.main(["evaluate", "nothing"]) == 2
    (makes_one,) = advised(capsys.readouterr().err)
    assert cli.main([*makes_one, *quick]) == 0
    capsys.readouterr()
    name = makes_one[-1]
    other = dataclasses.replace(checkpoint.describe(name), dataset_checksum="of other data")
    with pytest.raises(checkpoint.CheckpointError) as refused:
        other.require(data.load("cinema"))
    (anew,) = advised(str(refused.value))
    assert anew[-1] != name
    assert cli.main([*anew, *quick]) == 0
    for source in data.sources().values():
        for command in advised(source.place):
            assert cli.parser().parse_args(command).name == source.name


def test_compare_holds_the_first_against_each_other_one(folder, capsys):
    assert cli.main(["compare", "small-0", "small-1", "--metric", "auc", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["checkpoint"], found["against"], found["metric"]) == ("small-0", "small-1", "auc")
    means = [
        evaluate(checkpoint.load(n).model, split(data.load("cinema"))).means()["auc"] for n in ("small-0", "small-1")
    ]
    assert found["difference"] == pytest.approx(means[0] - means[1])
    assert found["p_corrected"] == found["p_value"]  # one pair
    assert found["over_trainings"] is None
    assert cli.main(["compare", "small-0", "small-1"]) == 0
    assert "small-1 on NDCG@10. That" in capsys.readouterr().out
    assert cli.main(["compare", "small-0"]) == 2
    assert cli.main(["compare", "small-0", "small-1", "--metric", "hits"]) == 2
    assert "unknown metric 'hits'; choose one of hr@1" in capsys.readouterr().err


def test_report_writes_one_page_or_nothing(capsys, tmp_path):
    code, out, err = run(capsys, "report", "small-0", "small-1", "--out", str(tmp_path / "page.html"))
    assert (code, err) == (0, "")
    assert "saved" in out
    page = (tmp_path / "page.html").read_text()
    assert "small-0" in page
    assert "</html>" in page
    for arguments, message in (
        (["small-0", "--out", str(tmp_path / "none" / "page.html")], "give --out a file in a folder"),
        (["small-0", "--out", str(tmp_path / "p.html"), "--metric", "hits"], "unknown metric"),
        (["nothing", "--out", str(tmp_path / "p.html")], "no checkpoint 'nothing'"),
    ):
        code, out, err = run(capsys, "report", *arguments)
        assert (code, out) == (2, "")
        assert message in err
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".html"] == ["page.html"]


def test_report_hands_on_the_list_of_a_visitor(capsys, tmp_path):
    who = ["--sequence", "Alien", "Jaws", "--genre", "Horror", "-k", "4"]
    code, listed, _ = run(capsys, "recommend", "small-0", *who, "--json")
    first = json.loads(listed)[0]["title"]
    for name, *flags in (("list.html",), ("list.svg",), ("slide.svg", "--slide"), ("of.html", "--item", "Psycho")):
        code, out, err = run(capsys, "report", "small-0", *who, "--out", str(tmp_path / name), *flags)
        assert (code, err) == (0, "")
        assert f"saved {tmp_path / name}" in out
        text = (tmp_path / name).read_text()
        assert "simulated viewers" in text
        assert "Horror" in text
        assert first in text
    assert 'height="1080"' in (tmp_path / "slide.svg").read_text()
    assert "Why Psycho (1960)?" in (tmp_path / "of.html").read_text()
    assert 'id="weights"' in (tmp_path / "list.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["small-0", "--user", "3", "--out", "x.png"], "the dashboard saves PNG"),
        (["small-0", "--user", "3", "--slide", "--out", "x.html"], "--slide needs --out FILE.svg"),
        (["small-0", "small-1", "--user", "3", "--out", "x.svg"], "by one checkpoint; leave out 'small-1'"),
        (["small-0", "--user", "3", "--metric", "hr@10", "--out", "x.svg"], "leave out --metric"),
        (["small-0", "--user", "nobody", "--out", "x.svg"], "nobody"),
        (["small-0", "--user", "3", "--genre", "Opera", "--out", "x.svg"], "no genre 'Opera'"),
        (["small-0", "--user", "3", "--item", "No Such Film", "--out", "x.svg"], "No Such Film"),
        (["small-0", "--user", "3", "-k", "0", "--out", "x.svg"], "k"),
        (["small-0", "--genre", "Horror", "--out", "x.html"], "--genre is for the list of a visitor; add --user"),
        (["small-0", "-k", "5", "--out", "x.html"], "-k is for the list of a visitor"),
        (["small-0", "--day-first", "--out", "x.html"], "--day-first is for the list of a visitor"),
    ],
)
def test_a_report_that_cannot_be_is_said_and_not_begun(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "report", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".html", ".svg", ".png")]


def test_recommend_and_explain_for_a_history_of_ones_own(capsys, tmp_path):
    file = tmp_path / "watched.csv"
    rows = ["Alien,1979", "Psyco,1960", "Jaws,1975", "From the Future,2090"]
    file.write_text("Date,Name,Year,Letterboxd URI\n" + "\n".join(f"2020-01-01,{row},u" for row in rows))
    code, out, err = run(capsys, "recommend", "small-0", "--history", str(file), "--json")
    assert code == 0
    assert "2 matched, 1 unsure, 1 not in cinema" in err
    assert "1 are newer than cinema" in err
    assert "unsure, left out: Psyco (a similar title): Psycho (1960) = id:" in err
    _, same, _ = run(capsys, "recommend", "small-0", "--sequence", "Alien", "Jaws", "--json")
    assert json.loads(out) == json.loads(same)
    code, out, _ = run(capsys, "explain", "small-0", "--history", str(file), "--item", "Platoon")
    assert code == 0
    assert "Platoon" in out


def test_filters_are_named_and_counted_from_1(capsys):
    code, out, _ = run(capsys, "explain", "small-0", "--user", "5", "--item", "Alien")
    assert code == 0
    assert re.search(r"^filter [1-5][a-z]+: [+-]\d", out, re.MULTILINE)
    assert "of height" not in out
    _, out, _ = run(capsys, "filters", "small-0", "--json")
    first, *_, last = json.loads(out)["filters"]
    assert (first["filter"], first["height"], first["index"]) == ("1a", 1, 1)
    assert (last["height"], last["filter"][0]) == (5, "5")
    _, out, _ = run(capsys, "filters", "small-0")
    assert out.startswith("1a  ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x,y\n1,2\n", "line 1: the header 'x,y' is unknown"),
        (b"Title,Date\nAlien,1/2/22\nJaws,5/6/22\nHeat,3/1/22\n", "say which it is: --day-first or --month-first"),
        (b"Title,Year\nNothing,1901\n", "is certain to be in cinema"),
        (b"userId,movieId,rating,timestamp\n1,5,3,1\n2,5,3,1\n", "say whose to read: --profile with one of '1', '2'"),
        (None, "No such file"),
    ],
)
def test_a_history_that_cannot_be_used_ends_with_the_remedy(capsys, tmp_path, content, said):
    file = tmp_path / "a.csv"
    if content is not None:
        file.write_bytes(content)
    code, out, err = run(capsys, "recommend", "small-0", "--history", str(file))
    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1]


def test_a_history_takes_its_dates_and_its_person_from_the_command(capsys, tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"Title,Date\nAlien,1/2/22\nJaws,5/6/22\nPsycho,3/1/22\n")
    first = run(capsys, "recommend", "small-0", "--history", str(file), "--day-first", "--likeliest", "--json")
    second = run(capsys, "recommend", "small-0", "--history", str(file), "--month-first", "--likeliest", "--json")
    assert first[0] == second[0] == 0
    assert first[1] != second[1]


def test_study_says_what_does_the_work_and_goes_on_where_it_ended(capsys, folder, monkeypatch):
    def as_the_whole(parts, config, seed, on_share):
        return checkpoint.load("small-0").ranks

    monkeypatch.setattr(study, "anew", as_the_whole)
    code, out, err = run(capsys, "study", "small-0", "--seeds", "1")
    assert code == 0
    assert "One training without each part: no conclusion is drawn." in out
    assert "h trained without, seed 0 ..." in err
    code, out, err = run(capsys, "study", "small-0")
    assert code == 0
    assert "v trained without, mean of 3" in out
    assert "Trained without" in out
    assert "no conclusion" not in out
    assert "h trained without, seed 0 ..." not in err
    study.path_of("small-0").unlink()


def test_values_of_a_setting_are_trained_once_and_shown_as_a_table(capsys, folder, monkeypatch):
    monkeypatch.setattr(study, "anew", lambda *args: checkpoint.load("small-0").ranks)
    own = checkpoint.load("small-0").metadata.config.model.d
    code, out, err = run(capsys, "study", "small-0", "--vary", f"d=3,{own}", "--seeds", "2")
    assert code == 0
    assert f"minus d = {own} (95 %)" in out
    assert "d = 3" in out
    assert "+0.0000 (+0.0000 to +0.0000)" in out
    assert f"Every difference to d = {own} may be chance" in out
    assert "d=3, seed 1 ..." in err
    assert "seed 1 ..." not in run(capsys, "study", "small-0", "--vary", "d=3", "--seeds", "2")[2]
    study.path_of("small-0").unlink()


def test_a_list_is_narrowed_by_flags_and_json_has_both_ranks(capsys, tmp_path):
    watchlist = tmp_path / "watchlist.csv"
    watchlist.write_text("Title,Year\nAirplane!,1980\n")
    code, out, err = run(
        capsys, "recommend", "small-0", "--user", "5", "--genre", "comedy", "--not-genre", "Romance",
        "--years", "1980-1989", "--known", "10-", "--without", str(watchlist), "Ghostbusters", "--json",
    )  # fmt: skip
    films = json.loads(out)
    assert code == 0
    assert films
    assert "1 of its films are left out" in err
    assert all("Comedy" in film["genres"] and 1980 <= film["year"] < 1990 for film in films)
    assert not {"Airplane!", "Ghostbusters"} & {film["title"] for film in films}
    assert [film["rank"] for film in films] == list(range(1, len(films) + 1))
    of_all = [film["rank_of_all"] for film in films]
    assert of_all == sorted(of_all)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--genre", "Comdy"), "no genre 'Comdy' in cinema; give one of Comedy"),
        (("--years", "1989-1980"), "write 1980-1989"),
        (("--known", "many"), "viewers 'many' is no span"),
        (("--column", "pages=3"), "cinema has no further columns"),
        (("--without", "no such film at all"), "no film 'no such film at all' in cinema"),
        (("--genre", "Horror", "--years", "1800-1801"), "no film is left of"),
    ],
)
def test_flags_that_cannot_be_are_named(capsys, flags, said):
    code, out, err = run(capsys, "recommend", "small-0", "--user", "5", *flags)
    assert (code, out) == (2, "")
    assert said in err


def test_a_list_is_varied(capsys):
    _, out, _ = run(capsys, "recommend", "small-0", "--user", "5", "--variety", "0.7", "--json")
    films = json.loads(out)
    assert films[0]["rank_of_all"] == 1
    assert max(film["rank_of_all"] for film in films) > 10
    code, _, err = run(capsys, "recommend", "small-0", "--user", "5", "--variety", "7")
    assert code == 2
    assert "variety is 7; give a number from 0" in err
