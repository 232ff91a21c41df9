"""The checkpoints in the repository are what their metadata says, and the README's code runs."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from caser import checkpoint, cli, data
from caser.config import preset
from caser.data.dataset import split
from caser.evaluation import evaluate

ROOT = Path(__file__).parents[1]
TUNED = ("caser", "mf", "covisit", "ease", "neumf", "gru4rec", "sasrec", "bert4rec", "convformer")
SHIPPED = {
    f"{dataset}-{kind}": (dataset, model, chosen)
    for dataset in ("ml-100k", "cinema")
    for kind, model, chosen in (*((kind, kind, "tuned") for kind in TUNED), ("caser-seed", "caser", "chapter"))
}


# The presets were found on ML-100K. On cinema, where the direction of time is planted, these are by its own validation.
CHANGED = {
    "cinema-caser": {"backwards": 0.0, "T": 1, "epochs": 10},
    "cinema-gru4rec": {"L": 50, "layers": 2, "dropout": 0.2, "lr": 9.3e-3, "batch_size": 64, "weight_decay": 3.1e-5},
    "cinema-sasrec": {"d": 64, "layers": 2, "heads": 4, "dropout": 0.36, "lr": 2.7e-3, "weight_decay": 1.3e-6},
    "cinema-bert4rec": {"layers": 1, "heads": 1, "dropout": 0.33, "last_only": 0.16, "lr": 3.6e-3}
    | {"weight_decay": 2.9e-4},
    "cinema-convformer": {"d": 64, "L": 20, "K": 5, "layers": 2, "dropout": 0.3, "backwards": 0.0},
    "cinema-neumf": {
        "loss": "softmax",
        "layers": 3,
        "dropout": 0.54,
        "user_dropout": 0.24,
        "lr": 2.3e-3,
        "weight_decay": 2.5e-5,
    },
}


@pytest.fixture(autouse=True)
def shipped_folder(monkeypatch):
    monkeypatch.delenv("CASER_CHECKPOINT_DIR", raising=False)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_checkpoint_scores_what_it_says(name):
    dataset, model, chosen = SHIPPED[name]
    if not data.available(dataset):
        pytest.skip(f"{dataset} is not on this machine; set CASER_DATA_DIR to a folder that holds it")
    loaded = checkpoint.load(name)
    assert loaded.metadata.config == preset(model, chosen).replace(**CHANGED.get(name, {}))
    dataset = data.load(dataset)
    loaded.metadata.require(dataset)
    means = evaluate(loaded.model, split(dataset, loaded.metadata.ties)).means()
    one_viewer = 1.5 / len(loaded.ranks.users)  # whose near tie may fall the other way on another device
    assert means == pytest.approx(loaded.ranks.means(), abs=one_viewer)


def test_shipped_caser_beats_shipped_mf():
    for dataset in ("ml-100k", "cinema"):
        caser, mf = (checkpoint.load(f"{dataset}-{kind}").ranks.means() for kind in ("caser", "mf"))
        assert caser["hr@10"] > 1.3 * mf["hr@10"]
        assert caser["auc"] > mf["auc"]


def test_shipped_files_are_small():
    """All that a checkout or a package carries of them has to stay below 30 MB."""
    assert sum(path.stat().st_size for name in SHIPPED for path in ROOT.glob(f"checkpoints/{name}.*")) < 28e6


def test_filters_of_shipped_models_can_be_watched_forming():
    for name, (_, model, _) in SHIPPED.items():
        if model == "caser":
            loaded = checkpoint.load(name)
            assert set(loaded.snapshots) >= {0, loaded.metadata.epochs}
            assert loaded.snapshots[0].keys() == loaded.model.filter_weights().keys()


def test_the_readmes_examples_run(capsys):
    three_lines, library = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    cinema = data.load("cinema")
    films = {name: cinema.catalogue[name].to_numpy()[cinema.item] for name in ("item_id", "title")}
    frame = pd.DataFrame({"user": cinema.user_of_interaction(), "time": cinema.timestamp, **films})
    names = {"frame": frame}
    exec(three_lines.replace('noun="film"', 'noun="film", epochs=1, patience=0, d=4, refit=False'), names)
    assert "item_id" in names["model"].recommend(["Alien"])
    exec(library.replace("epochs=8", "epochs=1, patience=0, n_h=2"), {})
    assert "item_id" in capsys.readouterr().out


def test_every_command_in_the_readme_is_one_the_program_knows():
    text = "\n".join(
        path.read_text() for folder in (ROOT, ROOT / "checkpoints", ROOT / "docs") for path in folder.glob("*.md")
    )
    for line in re.findall(r"^\s*python -m caser (.+)$", text, re.MULTILINE):
        command = re.split(r"\s{2,}|\s#| && ", line)[0].replace("$seed", "0")
        cli.parser().parse_args([word for word in shlex.split(command) if not word.startswith("[")])
