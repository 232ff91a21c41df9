"""The parts of a study that can be tested without training."""

from __future__ import annotations

import torch

from caser import checkpoint, study
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


def test_how_far_every_step_is_is_told(checkpoints, cinema_split):
    steps, told = [], []
    trained = checkpoint.load("cinema-caser")
    study.study(trained, cinema_split, steps.append, lambda doing, share: told.append((steps[-1], doing, share)))
    assert {step for step, *_ in told} == set(steps)
    assert {doing for _, doing, _ in told} == {"training", "ranking the validation", "ranking the test"}
    assert all(0 < share <= 1 for *_, share in told)
