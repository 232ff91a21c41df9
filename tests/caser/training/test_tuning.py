"""The search for settings: repeatable, resumable, blind to test, and nothing lost by a bad trial."""

import dataclasses
import json
import re
import sys

import pytest
import torch

from caser import cli
from caser.config import preset
from caser.fields import Range
from caser.models import MODELS
from caser.models.mf import MF
from caser.training import tuning
from caser.training.loop import fit
from caser.training.tuning import Search
from tests.caser.test_cli import PROGRESS

pytest.importorskip("optuna")
QUICK = {"d": 4, "dropout": 0.0, "user_dropout": 0.0, "epochs": 4, "batch_size": 64}


def made(split, **fixed):
    return Search(split, "mf", QUICK | fixed)


def tried(trials):
    return [(t.number, t.outcome, t.settings, t.validation) for t in trials]


def test_a_search_keeps_every_trial_and_puts_the_best_first(cycle, tmp_path):
    heard = []
    trials = made(cycle).run(tmp_path / "j", 9, on_trial=heard.append)
    assert sorted(t.number for t in trials) == [t.number for t in heard] == list(range(9))
    scores = [t.validation["ndcg@10"] for t in trials]
    assert scores == sorted(scores, reverse=True)
    assert all(set(t.settings) == {"lr", "weight_decay"} for t in trials)
    assert all(2e-4 <= t.settings["lr"] <= 2e-2 for t in trials)
    assert all(t.seconds > 0 for t in trials)
    assert {t.outcome for t in trials} <= {"complete", "pruned"}


def test_a_trial_is_what_fit_makes_of_its_settings(cycle, tmp_path):
    search = made(cycle)
    best = search.run(tmp_path / "j", 2)[0]
    fitted = fit(cycle, search.base.replace(**best.settings), seed=0)
    assert best.validation == pytest.approx({name: fitted.validation[name] for name in best.validation}, nan_ok=True)
    assert best.epochs == fitted.epochs


def test_a_search_starts_from_the_tuned_preset(cycle, tmp_path):
    search = Search(cycle, "mf", {"epochs": 2})
    shipped = preset("mf").replace(epochs=2, refit=False)
    assert search.base == shipped
    first = search.run(tmp_path / "j", 1)[0].settings
    assert first["d"] == shipped.model.d
    assert (first["lr"], first["weight_decay"]) == (shipped.training.lr, shipped.training.weight_decay)
    assert "d" not in Search(cycle, "mf", {"d": 7}).start


def test_a_search_in_two_sittings_is_one_in_one(cycle, tmp_path):
    whole = made(cycle).run(tmp_path / "whole", 13)
    made(cycle).run(tmp_path / "parts", 7)
    assert tried(made(cycle).run(tmp_path / "parts", 13)) == tried(whole)
    again = []
    made(cycle).run(tmp_path / "parts", 13, on_trial=again.append)
    assert not again  # nothing is left to do


def test_a_poor_trial_is_cut_short(cycle, tmp_path, monkeypatch):
    monkeypatch.setattr(tuning, "WARM_UP", {"n_startup_trials": 1, "n_warmup_steps": 1})
    trials = made(cycle, epochs=8).run(tmp_path / "j", 12)
    assert {t.outcome for t in trials} == {"complete", "pruned"}
    assert trials[0].outcome == "complete"
    assert all(t.validation for t in trials)


def test_test_targets_change_nothing(cycle, tmp_path):
    other = cycle.item.copy()
    at = cycle.end("test")[cycle.evaluated]
    other[at] = (other[at] + 5) % cycle.dataset.n_items
    blind = dataclasses.replace(cycle, item=other)
    own, others = (made(s).run(tmp_path / str(i), 3) for i, s in enumerate((cycle, blind)))
    assert tried(own) == tried(others)


def test_a_trial_that_diverges_is_recorded_and_the_search_goes_on(cycle, tmp_path, monkeypatch):
    calls = []

    def fragile(*args, **options):
        calls.append(1)
        if len(calls) == 2:
            raise ValueError("the loss became nan; train with a lower lr than 0.01")
        return fit(*args, **options)

    monkeypatch.setattr(tuning, "fit", fragile)
    trials = made(cycle).run(tmp_path / "j", 4)
    assert [t.outcome for t in trials].count("failed") == 1
    assert (trials[-1].number, trials[-1].error) == (1, "the loss became nan; train with a lower lr than 0.01")


def test_trials_that_all_fail_are_an_error(cycle, tmp_path):
    with pytest.raises(ValueError, match="all 2 trials failed, the last with: no user of cycle has 21 interactions"):
        Search(cycle, "caser", {"L": 20, "full_windows": True}).run(tmp_path / "j", 2)


def test_an_interrupted_trial_does_not_count(cycle, tmp_path, monkeypatch):
    whole = made(cycle).run(tmp_path / "whole", 4)
    made(cycle).run(tmp_path / "parts", 2)

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(tuning, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made(cycle).run(tmp_path / "parts", 4)
    monkeypatch.undo()
    resumed = made(cycle).run(tmp_path / "parts", 4)
    assert [t[1:] for t in tried(resumed)] == [t[1:] for t in tried(whole)]


def test_the_time_limit_drops_the_trial_at_work(cycle, tmp_path):
    trials = made(cycle, epochs=1000, patience=0).run(tmp_path / "j", 500, timeout=1.5)
    assert len(trials) < 500
    assert all(t.outcome in ("complete", "pruned") for t in trials)


def test_a_model_says_where_to_search(cycle, monkeypatch):
    monkeypatch.setattr(MF, "search", {"d": (2, 3), "lr": Range(0.1, 0.2)})
    space = Search(cycle, "mf").space
    assert (space["d"], space["lr"]) == ((2, 3), Range(0.1, 0.2))
    assert set(space) == {"d", "lr", "batch_size", "weight_decay"}
    assert "d" not in Search(cycle, "mf", {"d": 2}).space
    with pytest.raises(ValueError, match="nothing to search"):
        Search(cycle, "popularity")


@pytest.mark.parametrize("name", [name for name, kind in MODELS.items() if name != "popularity"])
def test_every_model_can_be_searched_and_its_search_names_its_settings(name, cycle):
    search = Search(cycle, name)
    assert MODELS[name].search.keys() <= search.space.keys()
    for field, where in search.space.items():
        for value in where if isinstance(where, tuple) else (where.low, where.high):
            negatives = {"negatives": 1} if field == "loss" else {}
            search.base.replace(**negatives | {field: value})  # within the field's bounds


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "no data"))
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*arguments):
        code = cli.main(["tune", "--dataset", "cinema", "--epochs", "1", "--patience", "0", "--d", "4", *arguments])
        out, err = capsys.readouterr()
        return code, out, re.sub(PROGRESS, "", err)

    return run


def test_the_command_prints_a_line_a_trial_and_then_a_table(command, tmp_path):
    code, out, err = command("--model", "mf", "--trials", "2", "--journal", str(tmp_path / "j"))
    assert (code, err) == (0, "")
    assert out.splitlines()[1].startswith("trial 1: complete, NDCG@10")
    assert "2 trials (2 complete, 0 pruned, 0 failed)" in out
    assert "HR@10    HR@50  NDCG@10      AUC epochs seconds  settings" in out
    assert "the test targets were not used" in out
    assert all("op_code" in json.loads(line) for line in (tmp_path / "j").read_text().splitlines())


def test_without_a_journal_named_a_search_finds_its_own_again(command, tmp_path):
    first, second = (command("--model", "mf", "--trials", "1")[1] for _ in range(2))
    assert first.splitlines()[1:] == second.splitlines()
    assert len(list((tmp_path / ".cache/caser/tuning").iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "svd"], "unknown model 'svd'"),
        (["--model", "popularity"], "has no setting 'd'"),
        (["--dataset", "netflix"], "unknown data set 'netflix'"),
        (["--trials", "0"], "give at least 1 trial"),
        (["--timeout", "0"], "a positive time"),
        (["--loss", "bpr"], "needs at least 1"),
        (["--journal", "none/there"], "give --journal a file in a folder you can write to"),
        (["--journal", "."], "give --journal a file"),
        (["--journal", "notes"], "notes is not a journal of trials"),
    ],
)
def test_a_mistake_ends_with_a_remedy_and_nothing_written(command, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").write_text("mine\n")
    given = [] if "--journal" in arguments else ["--journal", "j"]
    code, out, err = command("--trials", "1", *given, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]
    assert (tmp_path / "notes").read_text() == "mine\n"


def test_a_journal_of_another_search_is_refused(cycle, tmp_path):
    made(cycle).run(tmp_path / "j", 1)
    with pytest.raises(ValueError, match="another --journal"):
        made(cycle, epochs=3).run(tmp_path / "j", 2)


def test_a_journal_broken_in_the_middle_is_named(cycle, tmp_path):
    made(cycle).run(tmp_path / "j", 1)
    lines = (tmp_path / "j").read_text().splitlines()
    (tmp_path / "j").write_text("\n".join([*lines[:3], lines[3][:20], *lines[4:]]) + "\n")
    with pytest.raises(ValueError, match=r"cannot read the journal .*give --journal another file"):
        made(cycle).run(tmp_path / "j", 2)


def test_a_journal_that_can_no_longer_be_written_ends_the_search_with_a_remedy(cycle, tmp_path, monkeypatch):
    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tuning, "fit", full)
    with pytest.raises(ValueError, match=r"cannot write the journal .*No space left"):
        made(cycle).run(tmp_path / "j", 1)


def test_without_optuna_the_remedy_is_named(cycle, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ValueError, match=r"pip install -r requirements-tune\.txt"):
        made(cycle).run(tmp_path / "j", 1)
    assert not (tmp_path / "j").exists()


def test_a_search_leaves_the_callers_random_state_alone(cycle, tmp_path):
    before = torch.get_rng_state()
    made(cycle).run(tmp_path / "j", 1)
    assert torch.equal(torch.get_rng_state(), before)
