"""What does the work, computed: intervals hold trainings and viewers, and parts that stand in for each other share."""

from __future__ import annotations

import numpy as np
import pytest

from caser import study
from caser.evaluation import Ranks
from caser.field import effects
from caser.field.effects import ANEW, FILMS, OFF, SHUFFLED
from caser.study import off_name

USERS = np.arange(100)


def ranks(hits: int) -> Ranks:
    """100 viewers of whom the first so many have their film first, the others last."""
    return Ranks(USERS, np.where(hits > USERS, 0.0, 199.0), np.full(100, 200))


def taken_out(**hits: int) -> study.Study:
    """A study of a model that hits for 60 of 100 viewers, and for so many without some of its parts."""
    return {study.WHOLE: {3: ranks(60)}} | {off_name(parts): {3: ranks(left)} for parts, left in hits.items()}


def test_parts_that_stand_in_for_each_other_share_what_both_do():
    alone = {"h": 60, "v": 60, "p": 55}  # each kind of filters does the other's work
    works = effects.works(taken_out(**alone, hv=20, hp=50, vp=50, hvp=10), "hr@10")
    assert sum(share.change for share in works.shares) == pytest.approx(0.6 - 0.1)
    by_part = {share.parts: share.change for share in works.shares}
    assert by_part["h"] == pytest.approx(by_part["v"])
    assert by_part["h"] > by_part["p"]  # taken out one at a time, only p would cost anything
    assert works.find(OFF, FILMS).change == pytest.approx(-0.4)
    assert works.films_ahead.sure
    assert not works.ahead.sure


def test_without_all_coalitions_nothing_is_shared_out():
    works = effects.works(taken_out(h=60, v=50, p=55), "hr@10")
    assert works.shares == ()
    assert works.ahead is None


def test_every_training_is_paired_with_the_whole_model_of_its_seed():
    found = {study.WHOLE: {0: ranks(60), 1: ranks(50)}, f"v {study.ANEW}": {0: ranks(58), 1: ranks(48)}}
    effect = effects.works(found, "hr@10").find(ANEW, "v")
    assert effect.times == 2
    assert effect.change == pytest.approx(-0.02)


def test_an_effect_that_goes_with_the_seed_is_not_sure_over_three():
    found = {study.WHOLE: dict.fromkeys(range(3), ranks(60))}
    one = found | {f"h {study.ANEW}": {0: ranks(75)}}
    three = found | {f"h {study.ANEW}": {0: ranks(75), 1: ranks(60), 2: ranks(55)}}
    assert effects.works(one, "hr@10").find(ANEW, "h").sure  # of viewers; no sentence is made of it
    assert not effects.works(three, "hr@10").find(ANEW, "h").sure


def test_shuffles_are_all_held_against_the_trained_model():
    found = {study.WHOLE: {7: ranks(60)}, study.SHUFFLED: {0: ranks(58), 1: ranks(56)}}
    (effect,) = effects.works(found, "hr@10").of(SHUFFLED)
    assert (effect.change, effect.times) == (pytest.approx(-0.03), 2)


@pytest.mark.parametrize(("trainings", "viewers"), [(1, 200), (3, 200), (5, 40)])
def test_intervals_hold_the_truth_as_often_as_they_say(trainings, viewers):
    rng, spread = np.random.default_rng(0), 0.05 if trainings > 1 else 0.0
    held = 0
    for _ in range(400):
        of_training, of_viewer = rng.normal(0, spread, (trainings, 1)), rng.normal(0, 0.4, viewers)
        _, low, high = effects.interval(0.1 + of_training + of_viewer + rng.normal(0, 0.2, (trainings, viewers)))
        held += low <= 0.1 <= high
    assert 0.93 <= held / 400 <= 1


def test_what_tells_nothing_is_left_out():
    few = Ranks(USERS, np.zeros(100), np.full(100, 5))
    assert effects.works({study.WHOLE: {0: few}}, "hr@10") is None
    assert effects.works({}, "hr@10") is None
    assert not effects.Effect(OFF, *effects.interval(np.array([[0.5]]))).sure  # one viewer
    assert effects.interval(np.zeros((2, 9))) == (0, 0, 0)
