"""The parts of a study that can be tested without training."""

from __future__ import annotations

import torch

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
