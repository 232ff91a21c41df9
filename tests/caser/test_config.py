import dataclasses
import re

import pytest

from caser.config import Config, TrainingConfig, preset
from caser.models import MODELS
from caser.models.caser import CaserConfig


@pytest.mark.parametrize(("model", "name"), [(m, p) for m, kind in MODELS.items() for p in kind.presets])
def test_presets_survive_json_form(model, name):
    assert Config.from_dict(preset(model, name).to_dict()) == preset(model, name)


def test_every_number_is_bounded_and_every_field_explained():
    for config in (*(kind.Config for kind in MODELS.values()), TrainingConfig):
        for f in dataclasses.fields(config):
            assert f.metadata["help"]
            assert isinstance(f.default, bool) or "options" in f.metadata or f.metadata["low"] <= f.metadata["high"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"d": 0}, "d is 0; it must lie between 1 and 1024"),
        ({"d": 2.5}, "d is 2.5; give a whole number"),
        ({"d": True}, "d is True"),
        ({"lr": float("nan")}, "lr is nan"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"loss": "hinge"}, "choose one of softmax, bpr, bce"),
        ({"loss": "bpr"}, "needs at least 1"),
        ({"p": 1}, "p is 1; give true or false"),
        ({"p": False, "n_h": 0, "n_v": 0}, "switch one on"),
        ({"depth": 3}, "has no setting 'depth'"),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_its_name_and_value(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        preset("caser", "tuned").replace(**changes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("caser", "huge"), "chapter, paper, tuned"), (("svd", "chapter"), ", ".join(MODELS)), (("mf", "paper"), "mf")],
)
def test_unknown_names_list_what_there_is(arguments, message):
    with pytest.raises(ValueError, match=message):
        preset(*arguments)


@pytest.mark.parametrize(
    "data", [{}, {"model": {"name": "caser"}}, {"model": {"name": "caser", "x": 1}, "training": {}}, {"model": 3}]
)
def test_a_foreign_dict_is_a_clear_error(data):
    with pytest.raises(ValueError, match="configuration"):
        Config.from_dict(data)


def test_a_configuration_written_before_a_field_was_there_takes_its_default():
    written = preset("caser", "chapter").to_dict()
    del written["model"]["tied"]
    for name in ("T_decay", "schedule", "decoupled", "backwards"):
        del written["training"][name]
    assert Config.from_dict(written) == preset("caser", "chapter")


@pytest.mark.parametrize("model", ["caser", "mf"])
def test_the_former_name_of_a_preset_still_works(model):
    assert preset(model, "seed") == preset(model, "chapter")


def test_chapter_preset_is_the_chapters():
    config = preset("caser", "chapter")
    assert (config.model.d, config.model.n_h, config.model.n_v, config.model.L) == (10, 16, 4, 5)
    assert (config.training.lr, config.training.batch_size, config.training.epochs) == (0.04, 4096, 8)
    assert config.training.full_windows
    assert config.training.hide_test


def test_configurations_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CaserConfig().d = 3
