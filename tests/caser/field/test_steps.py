"""From Caser to a model with curves: what each change adds, and what is said of it."""

import numpy as np
import pytest

from caser.config import preset
from caser.evaluation import Ranks
from caser.field.steps import sentence, steps
from caser.study import STEPS, WHOLE, step_configs

USERS = np.arange(200)


def ranks(hits: int) -> Ranks:
    """The first so many users' films come first, the others' last."""
    return Ranks(USERS, np.where(hits > USERS, 0.0, 150.0), np.full(200, 151))


@pytest.fixture
def way():
    hits = dict(zip(STEPS, (40, 42, 90, 91, 92, 130), strict=True))
    study = {name: {seed: ranks(hits[name] + seed) for seed in range(3)} for name in STEPS}
    return steps(study, "hr@10", "Long")


def test_each_step_is_paired_with_the_one_before(way):
    assert [step.name for step in way] == [*[name for name in STEPS if name != WHOLE], "Long"]
    assert way[0].added is None
    assert way[2].added[0] == pytest.approx(48 / 200)
    assert way[0].mean == pytest.approx(41 / 200)
    assert [step.sure for step in way] == [False, False, True, False, False, True]


def test_the_sentence_names_what_is_more_than_chance(way):
    said = sentence(way, "hr@10")
    assert "from 20.5% to 65.5%, means of 3 trainings" in said
    assert "More than chance: learns at every film (+24.0 points), Long (+19.0 points)" in said


def test_a_study_of_a_caser_has_no_steps():
    assert steps({WHOLE: {0: ranks(3)}}, "hr@10", "Caser") == ()


def test_a_step_changes_what_it_says_and_keeps_what_was_changed_before():
    whole = preset("convformer")
    configs = step_configs(whole)
    assert configs["Caser"] == preset("caser")
    assert configs["20 films"] == preset("caser").replace(L=20)
    first = configs["learns at every film"]
    assert first.model.shared
    assert not first.model.gate
    assert first.model.layers == 1
    assert not configs["a curve for each dimension"].model.shared
    assert configs["layers"].model.layers == whole.model.layers
    assert configs[WHOLE] == whole
    assert first.training == whole.training
