"""What a study measures, keeps, and goes on from."""

from __future__ import annotations

import dataclasses
import re
import shutil

import numpy as np
import pytest
import torch

from caser import checkpoint, study
from caser.config import preset
from caser.field import effects
from caser.models import Caser, build
from caser.models.caser import CaserConfig
from caser.study import Shuffled, sweep


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


@pytest.fixture
def trained_alike(measured, monkeypatch):
    """Stands for every training: its ranks are the whole model's; the (n_h, n_v, p, seed) that were trained."""
    trained = []

    def instead(parts, config, seed, on_share):
        trained.append((config.model.n_h, config.model.n_v, config.model.p, seed))
        return measured.ranks

    monkeypatch.setattr(study, "anew", instead)
    return trained


def test_how_far_every_step_is_is_told(measured, cinema_split):
    steps, told = [], []
    quick = dataclasses.replace(measured.metadata, config=measured.metadata.config.replace(epochs=1))

    def tell(doing, share):
        told.append((steps[-1], doing, share))

    study.study(dataclasses.replace(measured, metadata=quick), cinema_split, 1, steps.append, tell)
    assert {step for step, *_ in told} == set(steps)
    assert {doing for _, doing, _ in told} == {"training", "ranking the validation", "ranking the test"}
    assert all(0 < share <= 1 for *_, share in told)


def test_a_study_trains_every_part_and_the_whole_model_over_three_seeds(measured, cinema_split, trained_alike):
    found = study.study(measured, cinema_split)
    assert list(found[study.WHOLE]) == list(found[f"p {study.ANEW}"]) == [0, 1, 2]
    without_h = [seed for n_h, _, _, seed in trained_alike if not n_h]
    assert without_h == [0, 1, 2]
    assert [seed for *on, seed in trained_alike if all(on)] == [1, 2, 0]  # the last by the other rule on ties
    assert len(found[study.SHUFFLED]) == study.SHUFFLES
    assert sum(name.endswith(study.OFF) for name in found) == 2**3 - 1


def test_seeds_whose_whole_model_is_at_hand_come_first(measured, cinema_split, trained_alike):
    other = measured.ranks.of(measured.ranks.users)
    found = study.study(dataclasses.replace(measured, seeds={0: measured.ranks, 7: other}), cinema_split)
    assert found[study.WHOLE][7] is other
    assert list(found[f"h {study.ANEW}"]) == [0, 7, 1]


def test_a_study_goes_on_where_it_ended(measured, cinema_split, trained_alike):
    kept = []

    def keep(found):
        kept.append(study.save(found, measured))
        if f"v {study.ANEW}" in found:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.study(measured, cinema_split, keep=keep)
    half, steps = study.load(measured), []
    trained_alike.clear()
    found = study.study(measured, cinema_split, on_step=steps.append, known=half)
    assert steps[0] == f"p {study.ANEW}, seed 0"
    assert (0, 2, True, 0) not in trained_alike
    assert list(found[f"h {study.ANEW}"]) == [0, 1, 2]
    assert study.study(measured, cinema_split, on_step=pytest.fail, known=found).keys() == found.keys()


def test_what_is_written_is_read(measured, cinema_split, trained_alike):
    found = study.study(measured, cinema_split, 2)
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
    assert all(list(ranks) == [0] for ranks in found.values())
    works = effects.works(found, "hr@10")
    assert works.trainings == 1
    assert len(works.effects) == 3


@pytest.fixture
def curved(cinema_split, measured):
    """Stands for a trained ConvFormer."""
    config = preset("convformer")
    dataset = cinema_split.dataset
    metadata = dataclasses.replace(measured.metadata, config=config)
    model = build(config.model, dataset.n_users, dataset.n_items)
    return dataclasses.replace(measured, model=model, metadata=metadata)


def test_a_study_of_curves_trains_every_step_from_caser(curved, cinema_split, monkeypatch):
    trained = []

    def instead(parts, config, seed, on_share):
        trained.append((config.model.name, seed))
        return curved.ranks

    monkeypatch.setattr(study, "anew", instead)
    found = study.study(curved, cinema_split, 2)
    assert {name: list(ranks) for name, ranks in found.items()} == {name: [0, 1] for name in study.STEPS}
    assert trained.count(("caser", 0)) == trained.count(("caser", 1)) == 2
    assert trained.count(("convformer", 0)) == 3  # its own ranks are at hand
    assert trained.count(("convformer", 1)) == 4
    study.save(found, curved)
    assert study.load(curved).keys() == study.STEPS.keys()


# ---- one setting over several values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("L", "vary is 'L'; give a setting and its values, such as L=3,5,9"),
        ("L=,", "vary is 'L=,'"),
        ("depth=3", "unknown setting of caser 'depth'; choose one of "),
        ("L=3,x", "L is 'x'; give whole numbers"),
        ("lr=fast", "lr is 'fast'; give numbers"),
        ("p=perhaps", "p is 'perhaps'; give true or false"),
        ("L=3,99", "L is 99; it must lie between 1 and 20"),
        ("loss=hinge", "loss is 'hinge'; choose one of softmax, bpr, bce"),
        ("L=5", "L=5 is what cinema-caser has; give another value"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_before_anything_is_trained(
    measured, cinema_split, trained_alike, text, message
):
    with pytest.raises(ValueError, match=re.escape(message)):
        sweep.sweep_of(text, measured, cinema_split)
    assert not trained_alike


def test_a_sweep_is_kept_in_the_study_goes_on_and_leaves_the_rest(measured, cinema_split, trained_alike):
    wanted = sweep.sweep_of("n-h=2, 4,8", measured, cinema_split)
    assert list(wanted.configs) == ["n_h=2", "n_h=8"]  # 4 is its own
    kept = []
    found = sweep.measure(wanted, measured, cinema_split, 2, keep=kept.append)
    assert {name: list(ranks) for name, ranks in found.items()} == {
        study.WHOLE: [0, 1], "n_h=2": [0, 1], "n_h=8": [0, 1]
    }  # fmt: skip
    assert sorted((n_h, seed) for n_h, _, _, seed in trained_alike) == [(2, 0), (2, 1), (4, 1), (8, 0), (8, 1)]
    assert len(kept) == 6
    study.save(found, measured)
    trained_alike.clear()
    again = sweep.measure(wanted, measured, cinema_split, 2, known=study.load(measured))
    assert not trained_alike
    assert again.keys() == found.keys()
    assert effects.works(again, "hr@50") is None  # no part was taken out
