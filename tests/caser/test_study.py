"""What a study measures, keeps, and goes on from."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pytest
import torch

from caser import checkpoint, study
from caser.field import effects
from caser.models import Caser
from caser.models.caser import CaserConfig
from caser.study import Shuffled


def test_shuffled_windows_hold_the_same_films_with_the_padding_on_the_left():
    class Reads(Caser):
        def scores(self, users, sequences, items=None):
            self.read = sequences
            return super().scores(users, sequences, items)

    model = Reads(CaserConfig(d=4, L=5, n_h=2, n_v=1), n_users=3, n_items=9).eval()
    windows = torch.tensor([[9, 9, 1, 2, 3], [0, 1, 2, 3, 4], [9, 9, 9, 9, 9]])
    with torch.no_grad():
        Shuffled(model).scores(torch.tensor([0, 1, 2]), windows)
    assert torch.equal(model.read.sort(1).values, windows.sort(1).values)
    assert model.read[0, :2].tolist() == [9, 9]


@pytest.fixture
def measured(checkpoints, tmp_path, monkeypatch):
    """cinema-caser in a folder of its own."""
    shutil.copy(checkpoints / "cinema-caser.safetensors", tmp_path)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    return checkpoint.load("cinema-caser")


def test_a_study_trains_over_seeds_and_goes_on_where_it_ended(measured, cinema_split):
    steps, told, other = [], [], measured.ranks.of(measured.ranks.users)
    trained = dataclasses.replace(measured, seeds={0: measured.ranks, 7: other})

    def tell(doing, share):
        told.append((steps[-1], doing, share))

    found = study.study(trained, cinema_split, 2, steps.append, tell)
    assert {doing for _, doing, _ in told} == {"training", "ranking the validation", "ranking the test"}
    assert all(0 < share <= 1 for *_, share in told)
    assert found[study.WHOLE][7] is other  # whose ranks are at hand is not trained
    assert {name: list(found[name]) for name in ("h trained without", "whole")} == dict.fromkeys(
        ("h trained without", "whole"), [0, 7]
    )
    assert len(found[study.SHUFFLED]) == study.SHUFFLES
    assert sum(name.endswith(study.OFF) for name in found) == 2**3 - 1
    half = {name: ranks for name, ranks in found.items() if name != study.SEEN}
    again, kept = [], []
    study.study(trained, cinema_split, 2, again.append, known=half, keep=lambda some: kept.append(len(some)))
    assert again == [study.SEEN]  # nothing else is measured twice
    assert kept == [len(found)]


def test_a_study_without_other_seeds_trains_the_whole_model_too(measured, cinema_split, monkeypatch):
    def instead(parts, config, seed, on_share):
        return measured.ranks

    monkeypatch.setattr(study, "_anew", instead)
    found = study.study(measured, cinema_split)
    assert list(found[study.WHOLE]) == list(found[f"p {study.ANEW}"]) == [0, 1, 2]
    study.save(found, measured)
    loaded = study.load(measured)
    assert {name: list(ranks) for name, ranks in loaded.items()} == {name: list(ranks) for name, ranks in found.items()}
    stored, made = loaded[study.SHUFFLED][19], found[study.SHUFFLED][19]
    assert np.array_equal(stored.rank, made.rank)
    assert np.array_equal(stored.candidates, made.candidates)


def test_a_study_of_an_earlier_version_is_one_training(measured):
    arrays = {"weights": np.array(measured.metadata.weights_sha256)}
    for name in ("whole", "v switched off", "v trained without", "windows shuffled"):
        for part in ("users", "rank", "candidates"):
            arrays[f"{name}/{part}"] = getattr(measured.ranks, part)
    np.savez_compressed(study.path_of("cinema-caser"), **arrays)
    found = study.load(measured)
    assert {name: list(ranks) for name, ranks in found.items()} == dict.fromkeys(found, [0])
    works = effects.works(found, "hr@10")
    assert works.trainings == 1
    assert len(works.effects) == 3
