import json
import os

import pytest
import torch

from caser import checkpoint, files
from caser.checkpoint import CheckpointError
from caser.config import preset
from caser.evaluation import evaluate
from caser.training.loop import fit
from tests.caser.conftest import make_dataset

CONFIG = preset("caser", "seed").replace(epochs=2, d=4, L=3, lr=0.01)


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
    assert loaded.metadata.test == made.metadata.test
    assert loaded.metadata.user_ids == made.metadata.user_ids
    assert (loaded.metadata.seed, loaded.metadata.epochs, loaded.metadata.ties) == (5, 2, "first")
    assert len(loaded.metadata.history) == 4
    for name, weight in made.model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], weight)
    assert loaded.snapshots.keys() == made.snapshots.keys()
    assert checkpoint.names() == ["made"]


@pytest.mark.parametrize("form", ["made", "{}/made", "{}/made.pt", "{}/made.json"])
def test_a_name_or_a_path_finds_it(saved, form):
    assert checkpoint.load(form.format(saved)).name == "made"


def test_a_name_with_dots_is_not_cut(made, saved):
    for suffix in (".pt", ".json"):
        (saved / f"made{suffix}").rename(saved / f"v1.2{suffix}")
    assert checkpoint.load("v1.2").name == "v1.2"


def test_saving_leaves_nothing_but_the_two_files(saved):
    assert sorted(os.listdir(saved)) == ["made.json", "made.pt"]


def damaged(folder, how):
    weights, meta = folder / "made.pt", folder / "made.json"
    if how == "missing weights":
        weights.unlink()
    elif how == "truncated weights":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif how == "foreign weights":
        torch.save({"something": torch.zeros(3)}, weights)
    elif how == "other weights":
        stored = torch.load(weights, weights_only=True)
        stored["weights"]["output_bias"] += 1
        torch.save(stored, weights)
    elif how == "truncated json":
        meta.write_text(meta.read_text()[:-50])
    elif how == "not an object":
        meta.write_text("[]")
    elif how == "other format":
        meta.write_text(meta.read_text().replace('"format": 1', '"format": 99'))
    elif how == "other shape":
        data = json.loads(meta.read_text())
        data["config"]["model"]["d"] = 5
        meta.write_text(json.dumps(data))


@pytest.mark.parametrize(
    "how",
    ["missing weights", "truncated weights", "foreign weights", "other weights", "truncated json", "not an object",
     "other format", "other shape"],
)  # fmt: skip
def test_a_damaged_checkpoint_is_a_clear_error_with_a_remedy(saved, how):
    damaged(saved, how)
    with pytest.raises(CheckpointError, match="train it anew"):
        checkpoint.load("made")


def test_pickled_code_in_a_weights_file_is_never_run(saved):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(saved / "ran"),)

    torch.save({"weights": Evil()}, saved / "made.pt")
    data = json.loads((saved / "made.json").read_text())
    data["weights_sha256"] = files.sha256(saved / "made.pt")
    (saved / "made.json").write_text(json.dumps(data))
    with pytest.raises(CheckpointError):
        checkpoint.load("made")
    assert not (saved / "ran").exists()


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

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(CheckpointError, match="No space left"):
        checkpoint.save(made)
    assert checkpoint.load("made").name == "made"
    assert sorted(os.listdir(saved)) == ["made.json", "made.pt"]
