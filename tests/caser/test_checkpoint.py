import dataclasses
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from caser import checkpoint, evaluation, interpreter
from caser.checkpoint import CheckpointError
from caser.config import preset
from caser.evaluation import Ranks, evaluate
from caser.training.loop import fit
from tests.caser.conftest import make_dataset
from tests.stored import rewrite, set_fields

CONFIG = preset("caser", "chapter").replace(epochs=2, d=4, L=3, lr=0.01)


@pytest.fixture(scope="module")
def made(cycle):
    fitted = fit(cycle, CONFIG, seed=5)
    return checkpoint.of(fitted, "made", CONFIG, cycle, 5, evaluate(fitted.model, cycle))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def saved(made, folder):
    checkpoint.save(made)
    return folder


def test_a_checkpoint_comes_back_whole(made, saved):
    loaded = checkpoint.load("made")
    assert loaded.metadata.config == CONFIG
    assert loaded.ranks.means() == pytest.approx(made.ranks.means(), abs=0, rel=0, nan_ok=True)
    assert loaded.metadata.user_ids == made.metadata.user_ids
    assert (loaded.metadata.seed, loaded.metadata.epochs, loaded.metadata.ties) == (5, 2, "first")
    assert len(loaded.metadata.history) == 4
    for name, weight in made.model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], weight)
    assert loaded.snapshots.keys() == made.snapshots.keys()
    assert checkpoint.names() == ["made"]


@pytest.mark.parametrize("form", ["made", "{}/made", "{}/made.safetensors"])
def test_a_name_or_a_path_finds_it(saved, form):
    assert checkpoint.load(form.format(saved)).name == "made"


def test_a_name_with_dots_is_not_cut(made, saved):
    for name in ("v1.2", "made.pt", "made.json"):
        (saved / "made.safetensors").replace(saved / f"{name}.safetensors")
        assert checkpoint.load(name).name == name
        (saved / f"{name}.safetensors").replace(saved / "made.safetensors")


def test_saving_leaves_nothing_but_the_one_file(saved):
    assert sorted(os.listdir(saved)) == ["made.safetensors"]


def spoilt(name, how):
    """A change of one array or one field."""

    def change(record, weights):
        if how == "nan":
            weights[name].view(-1)[0] = float("nan")
        elif how == "infinite":
            weights[name].view(-1)[-1] = float("inf")
        elif how == "gone":
            del weights[name]
        elif how == "other":
            weights[name] += 1
        elif how == "longer":
            weights[name] = torch.cat([weights[name], weights[name]])

    return change


BIAS = "weights/output_bias"
ARRAYS = [(BIAS, how) for how in ("nan", "infinite", "gone", "other", "longer")]
ARRAYS += [("snapshots/0/vertical", "longer"), ("ranks/rank", "nan"), ("ranks/rank", "longer"), ("ranks/users", "gone")]


@pytest.mark.parametrize(("name", "how"), ARRAYS)
def test_a_changed_array_is_a_clear_error_with_a_remedy(saved, name, how):
    rewrite(saved / "made.safetensors", spoilt(name, how))
    with pytest.raises(CheckpointError, match="train it anew"):
        checkpoint.load("made")


FIELDS = [
    {"validation": []},
    {"validation": {"hr@10": 1.5}},
    {"temperature": 0},
    {"temperature": "warm"},
    {"config": []},
    {"config": {"model": {"name": "caser", "d": 10**9}, "training": {}}},
    {"user_ids": {"a": 1}},
    {"item_ids": list(range(1_000_000))},
    {"history": [1]},
    {"history": [{"phase": "select"}]},
    {"seed": "0"},
    {"seed": -1},
    {"epochs": True},
    {"seconds": "soon"},
    {"seconds": -1.0},
    {"user_ids": []},
    {"ties": "both"},
    {"ties": ["first"]},
    {"versions": {"torch": 2}},
    {"format": 99},
    {"format": None},
    {"surprise": 1},
    {"weights_sha256": "0" * 64},
]


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: str(fields)[:60])
def test_a_record_that_cannot_be_is_a_clear_error_with_a_remedy(saved, fields):
    set_fields(saved / "made.safetensors", **fields)
    with pytest.raises(CheckpointError, match="train it anew"):
        checkpoint.load("made")


def test_figures_that_were_edited_are_found_out(saved):
    path = saved / "made.safetensors"
    whole = path.read_bytes()
    at = whole.index(b'\\"auc\\": 0.')
    path.write_bytes(whole[: at + 12] + (b"9" if whole[at + 12 : at + 13] != b"9" else b"1") + whole[at + 13 :])
    with pytest.raises(CheckpointError, match="not the one it was written with"):
        checkpoint.describe("made")


@pytest.mark.parametrize("cut", [0, 1, 7, 8, 9, 100, -1])
def test_a_file_cut_short_is_a_clear_error(saved, cut):
    path = saved / "made.safetensors"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CheckpointError, match="train it anew"):
        checkpoint.load("made")


def test_a_flood_of_damage_never_does_anything_else(saved):
    """Bytes changed at random: the checkpoint loads as it was, or there is a CheckpointError."""
    path, rng = saved / "made.safetensors", random.Random(0)
    whole = path.read_bytes()
    refused = 0
    for _ in range(200):
        broken = bytearray(whole)
        for _ in range(rng.choice((1, 3, 50))):
            broken[rng.randrange(len(broken) if rng.random() < 0.3 else 3000)] = rng.randrange(256)
        path.write_bytes(broken)
        try:
            checkpoint.load("made")
        except CheckpointError:
            refused += 1
    assert refused > 150


def test_what_is_no_regular_file_is_not_read(saved):
    path = saved / "made.safetensors"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(CheckpointError, match="no regular file"):
        checkpoint.load("made")
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(CheckpointError, match="no regular file"):
        checkpoint.load("made")
    path.unlink()
    path.mkdir()
    with pytest.raises(CheckpointError, match="no regular file"):
        checkpoint.describe("made")


def with_seeds(made, **ranks):
    return dataclasses.replace(made, seeds={5: made.ranks} | {int(seed[1:]): one for seed, one in ranks.items()})


def test_the_ranks_of_every_seed_come_back(made, folder):
    other = Ranks(made.ranks.users, np.zeros(len(made.ranks.users)), made.ranks.candidates)
    checkpoint.save(with_seeds(made, _2=other))
    loaded = checkpoint.load("made")
    assert list(loaded.seeds) == [2, 5]
    assert loaded.seeds[2].means()["hr@1"] == 1
    assert loaded.seeds[5] is loaded.ranks


SEED_RANKS = [("seeds/2", "nan"), ("seeds/2", "longer"), ("ranks/users", "longer"), ("seeds/2", "renamed")]


@pytest.mark.parametrize(("name", "how"), SEED_RANKS)
def test_ranks_of_seeds_that_cannot_be_are_a_clear_error(made, folder, name, how):
    checkpoint.save(with_seeds(made, _2=made.ranks))

    def rename(record, arrays):
        arrays["seeds/second"] = arrays.pop("seeds/2")

    rewrite(folder / "made.safetensors", rename if how == "renamed" else spoilt(name, how))
    with pytest.raises(CheckpointError, match="train it anew"):
        checkpoint.load("made")


def test_a_new_metric_leaves_every_checkpoint_readable(saved, monkeypatch):
    """Metrics follow from the ranks that a checkpoint keeps, so that none is stored."""
    monkeypatch.setitem(evaluation.METRICS, "hr@3", evaluation.hit_rate(3))
    assert "hr@3" in checkpoint.load("made").ranks.means()


def test_a_checkpoint_of_the_version_that_stored_its_figures_loads(made, saved):
    def older(record, arrays):
        record |= {"test": {"hr@10": 0.5}, "intervals": {"hr@10": [0, 1]}, "over_seeds": {}, "users_evaluated": 9}
        del record["temperature"]
        for name in [name for name in arrays if name.startswith("ranks/")]:
            del arrays[name]

    rewrite(saved / "made.safetensors", older)
    loaded = checkpoint.load("made")
    assert (loaded.ranks, loaded.seeds, loaded.metadata.temperature) == (None, {}, None)


def test_a_missing_checkpoint_lists_what_there_is(saved):
    with pytest.raises(CheckpointError, match=r"no checkpoint 'mad'.*there is made"):
        checkpoint.load("mad")


@pytest.mark.parametrize("name", ["", "../up", "a b", ".hidden", "x" * 65, "a/b"])
def test_an_illegal_name_is_refused(name):
    with pytest.raises(CheckpointError, match="cannot name a checkpoint"):
        checkpoint.check_name(name)


def test_other_data_are_refused_by_name_or_by_content(made, cycle):
    made.metadata.require(cycle.dataset)
    other = make_dataset([(u, i, i) for u in range(3) for i in range(1, 5)], 12, "cycle")
    with pytest.raises(CheckpointError, match="use that data, or train a new checkpoint"):
        made.metadata.require(other)


def test_an_unwritable_folder_is_a_clear_error_and_leaves_nothing(made, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(CheckpointError, match="set CASER_CHECKPOINT_DIR"):
        checkpoint.save(made, blocked)
    assert os.listdir(tmp_path) == ["file"]


def test_a_failed_write_keeps_the_old_checkpoint(made, saved, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CheckpointError, match="No space left"):
        checkpoint.save(made)
    assert checkpoint.load("made").name == "made"
    assert sorted(os.listdir(saved)) == ["made.safetensors"]


def test_a_disk_without_room_is_named_before_training(folder, monkeypatch):
    monkeypatch.setattr(checkpoint.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(CheckpointError, match="make room, or set CASER_CHECKPOINT_DIR"):
        checkpoint.require_room(1e6)


def test_what_was_trained_is_saved_elsewhere_if_the_folder_has_become_useless(made, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(blocked))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CheckpointError, match="What was trained is not lost: it is in ") as told:
        checkpoint.save_somewhere(made)
    path = str(told.value).rpartition(" in ")[2]
    assert checkpoint.load(path).ranks.means() == pytest.approx(made.ranks.means(), nan_ok=True)


@pytest.mark.parametrize("step", ["write", "replace"])
def test_overwriting_killed_at_any_moment_leaves_the_old_or_the_new(made, saved, monkeypatch, step):
    """Killed as if the process had gone: no clean-up runs."""
    other = dataclasses.replace(made, metadata=dataclasses.replace(made.metadata, seed=6))

    def gone(*_):
        raise SystemExit

    monkeypatch.setattr(Path, "write_bytes" if step == "write" else "replace", gone)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(SystemExit):
        checkpoint.save(other)
    monkeypatch.undo()
    assert checkpoint.load(saved / "made").metadata.seed == 5


SAVES_UNTIL_KILLED = """
import os, sys, time
from caser import checkpoint

made = checkpoint.load("made")
print("ready", flush=True)
for moment in sys.stdin:
    child = os.fork()
    if not child:
        while True:
            checkpoint.save(made)
    time.sleep(float(moment))
    os.kill(child, 9)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""


def test_a_save_killed_at_any_moment_leaves_a_whole_checkpoint_and_the_next_save_clears_up(made, saved):
    rng, left = random.Random(0), 0
    environment = interpreter.environment(CASER_CHECKPOINT_DIR=str(saved), PYTHONWARNINGS="ignore")
    with subprocess.Popen(
        [sys.executable, "-c", SAVES_UNTIL_KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as killer:
        assert killer.stdout.readline() == b"ready\n"
        for _ in range(40):
            killer.stdin.write(f"{rng.uniform(0.001, 0.05)}\n".encode())
            killer.stdin.flush()
            assert killer.stdout.readline() == b"killed\n"
            left += len(os.listdir(saved)) > 1
            assert checkpoint.load("made").metadata.seed == made.metadata.seed
        killer.stdin.close()
    assert left > 0, "no kill came in the midst of a save"
    checkpoint.save(made)
    assert os.listdir(saved) == ["made.safetensors"]


def test_a_checkpoint_is_renamed_and_deleted_with_what_was_measured_of_it(saved, folder):
    name = "made"
    (folder / f"{name}.study.npz").write_text("measured")
    checkpoint.rename(name, "new")
    assert checkpoint.load("new").name == "new"
    assert name not in checkpoint.names()
    assert (folder / "new.study.npz").exists()
    with pytest.raises(CheckpointError, match="no checkpoint 'gone'"):
        checkpoint.delete("gone")
    with pytest.raises(CheckpointError, match="cannot name a checkpoint"):
        checkpoint.rename("new", "../away")
    checkpoint.delete("new")
    assert not list(folder.glob("new*"))
