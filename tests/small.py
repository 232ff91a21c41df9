"""Small checkpoints on cinema: a few epochs, better than popularity."""

from __future__ import annotations

from pathlib import Path

import pytest

from caser.config import preset
from caser.experiment import Experiment

SMALL = {"d": 16, "epochs": 3, "patience": 0, "refit": False}
CASER = {"L": 5, "n_h": 4, "n_v": 2, "T": 1, "schedule": "constant", "weight_decay": 0.0, "ema": 0.0, "backwards": 0.0}


def train(folder: Path) -> None:
    """Make cinema-caser and cinema-mf in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(folder))
        for model, changes in (("caser", CASER), ("mf", {})):
            config = preset(model).replace(**SMALL, **changes)
            Experiment(name=f"cinema-{model}", dataset="cinema", config=config, device="cpu").run()
