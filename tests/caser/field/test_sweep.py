"""Values of a setting: means, spread, the difference to the model's own, and what is said of it."""

import numpy as np
import pytest

from caser.config import preset
from caser.evaluation import Ranks
from caser.field.sweep import own_value, sentence, sweeps
from caser.study import WHOLE

USERS = np.arange(200)
CONFIG = preset("caser", "chapter")  # L = 5


def ranks(hits: int) -> Ranks:
    """The first so many users' films come first, the others' last."""
    return Ranks(USERS, np.where(hits > USERS, 0.0, 150.0), np.full(200, 151))


@pytest.fixture
def values():
    hits = {"L=10": 40, "L=9": 41, "L=3": 120}
    study = {WHOLE: {seed: ranks(40 + seed) for seed in range(5)}}
    study |= {name: {seed: ranks(hit + seed) for seed in range(3)} for name, hit in hits.items()}
    return sweeps(study, CONFIG, "hr@10")["L"]


def test_values_come_by_size_each_compared_with_the_models_own_of_the_same_seeds(values):
    assert [step.name for step in values] == ["L = 3", "L = 5", "L = 9", "L = 10"]
    assert all(list(step.by_seed) == [0, 1, 2] for step in values)
    assert own_value(values).mean == pytest.approx(41 / 200)
    assert own_value(values).spread == pytest.approx(1 / 200)
    assert values[0].added[0] == pytest.approx(80 / 200)
    assert [step.sure for step in values] == [True, False, False, False]


def test_the_sentence_names_the_best_and_what_differs(values):
    said = sentence(values, "hr@10")
    assert said == "HR@10 is highest at L = 3: 60.5%, means of 3 trainings. Different from L = 5: L = 3 (+40.0 points)."
    assert "Every difference to L = 5 may be chance" in sentence(values[1:], "hr@10")


def test_a_study_without_values_or_of_a_setting_that_is_gone_has_none():
    assert sweeps({WHOLE: {0: ranks(3)}, "depth=3": {0: ranks(3)}}, CONFIG, "hr@10") == {}
