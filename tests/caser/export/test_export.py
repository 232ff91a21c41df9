"""A folder that others can load: the graph is the model, vectors give its scores, the card says what must be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import caser
from caser import checkpoint, cli, data
from caser.config import preset
from caser.data.dataset import split
from caser.export import card, export, graph, vectors
from caser.models import ANONYMOUS, MODELS, build
from caser.recommend import score_catalogue
from tests.caser.conftest import make_dataset

SMALL = {"d": 8, "L": 4, "n_h": 2, "n_v": 2, "layers": 2, "K": 3, "d_u": 4, "heads": 2, "init_std": 0.0}
N_USERS, N_ITEMS = 9, 12
HERE = {"mf": "cinema-mf", "caser": "cinema-caser"}  # in the folder of small checkpoints


@pytest.fixture(params=[*MODELS])
def model(request):
    """Every model, small and untrained."""
    config = preset(request.param).model
    small = {name: value for name, value in SMALL.items() if hasattr(config, name)}
    torch.manual_seed(0)
    return build(type(config)(**vars(config) | small), N_USERS, N_ITEMS).eval()


def test_the_graph_gives_the_scores_of_every_model_that_learns(model, tmp_path):
    for package in graph.PACKAGES:
        pytest.importorskip(package)
    if not model.learns:
        with pytest.raises(ValueError, match="counts and has no network to export as ONNX; leave --onnx out"):
            graph.require(model)
        return
    graph.require(model)
    graph.write(model, tmp_path / "model.onnx")
    session = pytest.importorskip("onnxruntime").InferenceSession(tmp_path / "model.onnx")
    users, sequences = torch.tensor([ANONYMOUS, 3]), torch.full((2, model.L), N_ITEMS)
    sequences[1, -1:] = 5
    (scores,) = session.run(None, {"users": users.numpy(), "sequences": sequences.numpy()})
    with torch.inference_mode():
        np.testing.assert_allclose(scores, model.scores(users, sequences), rtol=0, atol=1e-5)


def test_a_graph_that_differs_is_refused(tmp_path, monkeypatch):
    for package in graph.PACKAGES:
        pytest.importorskip(package)
    monkeypatch.setattr(graph, "EXACT", -1.0)
    with pytest.raises(ValueError, match="the graph's scores differ"):
        graph.write(build(preset("mf").model, N_USERS, N_ITEMS), tmp_path / "model.onnx")


def test_packages_that_are_missing_are_named(monkeypatch):
    monkeypatch.setattr(graph, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="onnxruntime: install onnx onnxscript onnxruntime"):
        graph.require(build(preset("mf").model, N_USERS, N_ITEMS))


@pytest.fixture
def exported(checkpoints, tmp_path, monkeypatch):
    """Exports a small checkpoint with its vectors; returns it and the folder."""

    def exported(kind: str):
        trained, parts = checkpoint.load(HERE[kind]), caser.load(HERE[kind]).split
        export(trained, parts, data.source("cinema"), tmp_path / kind, with_vectors=True, licence="mit")
        return trained, parts, tmp_path / kind

    return exported


@pytest.mark.parametrize("kind", [*HERE])
def test_vectors_give_the_scores_of_users(exported, kind):
    trained, parts, folder = exported(kind)
    items, users = (pd.read_parquet(folder / f"{what}_vectors.parquet") for what in ("item", "user"))
    assert items["title"].tolist() == parts.dataset.catalogue["title"].tolist()
    numbers = [name for name in users if name != "user_id"]
    for user in (0, parts.dataset.n_users - 1):
        scores = items[numbers].to_numpy() @ users.loc[user, numbers].to_numpy(float) + items["bias"].to_numpy()
        np.testing.assert_allclose(scores, score_catalogue(trained.model, user, parts.history(user)), atol=1e-4)
    text = pd.read_csv(folder / "user_vectors.tsv", sep="\t")
    assert text["user_id"].tolist() == users["user_id"].tolist()
    np.testing.assert_allclose(text[numbers], users[numbers], atol=1e-5)


def test_users_too_short_to_be_tested_have_vectors():
    rows = [(u, t + 1, t) for u in range(3) for t in range(5)] + [(9, 2, 1)]
    parts = split(make_dataset(rows))
    mf = build(preset("mf").model, parts.dataset.n_users, parts.dataset.n_items)
    gru = build(preset("gru4rec").model, parts.dataset.n_users, parts.dataset.n_items).eval()
    assert len(vectors.queries(mf, parts)) == 4
    alone = torch.full((1, gru.L), parts.dataset.n_items)
    alone[0, -1] = 1  # the only item of the last user
    with torch.inference_mode():
        np.testing.assert_allclose(vectors.queries(gru, parts)[-1:], gru.query(torch.tensor([3]), alone), atol=1e-6)


def test_a_folder_is_loaded_back(exported, capsys):
    trained, _, folder = exported("mf")
    again = caser.load(folder)
    assert again.trained.metadata.weights_sha256 == trained.metadata.weights_sha256
    listed = caser.load("cinema-mf").recommend(user=1)
    pd.testing.assert_frame_equal(again.recommend(user=1), listed)
    assert cli.main(["recommend", str(folder), "--user", "1", "-k", "1"]) == 0
    assert listed["title"][0] in capsys.readouterr().out


def test_the_card_is_what_a_hub_reads_and_says_what_must_be_said(exported):
    yaml = pytest.importorskip("yaml")
    trained, _, folder = exported("mf")
    _, front, body = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    known = yaml.safe_load(front)
    assert known["license"] == "mit"
    (result,) = known["model-index"][0]["results"]
    values = {one["name"]: one["value"] for one in result["metrics"]}
    mean, (low, high) = trained.ranks.means()["hr@10"], trained.ranks.intervals()["hr@10"]
    assert values["HR@10"] == pytest.approx(mean, abs=1e-4)
    assert f"| HR@10 | {mean:.4f} | {low:.4f} to {high:.4f} |" in body
    for said in ("Leave-last-out", "must not be used", "simulated", data.source("cinema").licence, "the first in file"):
        assert said in body
    assert "model.onnx" not in body


def test_titles_do_not_break_the_front_matter(cinema_split, checkpoints):
    odd = replace(data.source("cinema"), label='Films: "the best"\n---')
    yaml = pytest.importorskip("yaml")
    text = card.card(checkpoint.load("cinema-mf"), cinema_split, odd, None, False, "other: x")
    assert yaml.safe_load(text.split("---\n", 2)[1])["license"] == "other: x"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cinema-mf", "TAKEN"], "is there already and not an empty folder"),
        (["cinema-mf", "TAKEN/file/x"], "cannot write"),
        (["nothing", "NEW"], "no checkpoint 'nothing'"),
    ],
)
def test_a_mistake_costs_a_sentence_and_writes_nothing(arguments, said, checkpoints, tmp_path, capsys):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")
    name, folder = arguments
    folder = folder.replace("TAKEN", str(tmp_path / "taken")).replace("NEW", str(tmp_path / "new"))
    assert cli.main(["export", name, folder]) == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["file"]


def test_a_model_that_counts_is_exported_without_graph_and_vectors_alone(cinema_split, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    checkpoint.save(caser.fit("cinema", "popularity", name="counted").trained)
    for flag in ("--onnx", "--vectors"):
        assert cli.main(["export", "counted", str(tmp_path / "out"), flag]) == 2
        assert "counts" in capsys.readouterr().err
    assert cli.main(["export", "counted", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"README.md", "counted.safetensors", "items.tsv"}
