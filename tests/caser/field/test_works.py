"""What does the work: the sentences say what was measured, no less and no more."""

from __future__ import annotations

import dataclasses

import pytest

from caser.field import works
from caser.field.effects import ANEW, BASELINE, COUNTING, OFF, SHUFFLED, Works
from caser.words import speaking
from tests.caser.worked import COVISIT, MF, OLDER, WHOLE, effect


def test_the_full_form_adds_every_part_and_the_mean():
    said = works.sentence(WHOLE)
    assert "(Shapley values), the vertical filters are worth 31.7 of 100 viewers." in said
    assert "The others: who is watching 5.4, the horizontal filters 0.6 (may be chance)." in said
    assert "So the vertical filters do most of the work." in said
    assert "With their mean in their place, which the model knows better than zero, it is 31." in said
    assert "Trained without the horizontal filters, it may do as well: 0.5 of 100 viewers more may be chance." in said
    assert "Trained without who is watching, it loses 3.7 of 100 viewers." in said


def test_parts_taken_out_are_said_beside_the_whole():
    said = works.taken_out(WHOLE)
    assert said.startswith("Without the vertical filters the right film is in the top 50 for ")
    assert said.count("Without ") == 3
    assert "Without who is watching it is" in said
    assert works.taken_out(dataclasses.replace(WHOLE, effects=())) == ""


def test_three_things_to_take_home_are_those_measured():
    assert works.take_home(WHOLE) == [
        "The vertical filters do most of the work",
        "Shuffling the films costs 2.5 of 100 viewers",
        "Counting gets 75% of the way from MF",
    ]
    level = dataclasses.replace(WHOLE, ahead=effect("share", 0.004))
    assert works.take_home(level)[0] == "Which part does most is too close to call"
    for unknown in (None, OLDER):
        assert works.take_home(unknown)[0] == "A score is a sum of parts"
        assert len(works.take_home(unknown)) == 3
    assert all(len(" ".join(works.take_home(one)).split()) <= 25 for one in (WHOLE, level, OLDER, None))


def test_other_items_and_users_are_called_by_their_names():
    with speaking("book"):
        said = works.sentence(WHOLE)
    assert "the right book is in the top 50 for 27 of 100 users" in said
    assert not any(word in said for word in ("film", "viewer", "watch"))


def test_of_one_training_and_one_shuffle_no_conclusion_is_drawn():
    assert works.sentence(OLDER) == (
        "Take the vertical filters out of the trained model and the right film is in the top 50 for 28 of 100 "
        "viewers instead of 57."
    )
    assert works.advice(OLDER, "mine") == (
        "One training without each part: no conclusion is drawn. `python -m caser study mine` trains three."
    )
    assert works.advice(WHOLE, "mine") == ""


def test_parts_too_close_to_call_are_not_ranked():
    level = dataclasses.replace(WHOLE, ahead=effect("share", 0.004), films_ahead=effect("share", -0.005))
    said = works.sentence(level)
    assert "Which part does most is too close to call." in said
    assert said.startswith("Whether the films or who is watching does more is too close to call.")
    assert "do most" not in said


def test_the_first_part_does_most_of_the_work_only_where_the_others_do_less_together():
    shares = (effect("share", 0.1, "p"), effect("share", 0.06, "v"), effect("share", 0.05, "h"))
    said = works.sentence(dataclasses.replace(WHOLE, shares=shares))
    assert "So who is watching does the most work." in said
    assert "Hide who is watching and it is 54 of 100." in said


def test_what_may_be_chance_is_called_so():
    changes = (effect(OFF, -0.005, "v"), effect(ANEW, -0.004, "v", times=3), effect(SHUFFLED, -0.004, times=20))
    said = works.sentence(Works("mrr", 0.1, changes))
    assert said == (
        "Take the vertical filters out of the trained model and MRR is .095 instead of .100, which may be chance. "
        "Trained without them from the start, the model may do as well: .004 less may be chance. "
        "Putting the films in random order costs .004 (± .010, 20 orders), which may be chance."
    )
    assert works.sentence(Works("mrr", 0.1, ())) == ""


@pytest.mark.parametrize(("change", "made_up"), [(-0.16, "about half"), (-0.1, "most"), (-0.28, "hardly any")])
def test_how_much_training_without_a_part_makes_up_for(change, made_up):
    found = Works("hr@50", 0.57, (effect(OFF, -0.29, "v"), effect(ANEW, change, "v", times=3)))
    assert f"makes up for {made_up} of that" in works.sentence(found)


@pytest.mark.parametrize(("change", "said"), [(-0.2, "gets none of the way"), (0.01, "gets all of the way")])
def test_a_counting_model_may_have_all_of_the_lead_or_nothing(change, said):
    counting = effect(COUNTING, change, name="EASE", model="ease")
    assert f"One linear system (EASE) {said}" in works.sentence(Works("hr@50", 0.53, (counting, MF)))


def test_no_lead_is_spoken_of_where_there_is_none():
    level = effect(BASELINE, -0.005, name="MF")
    assert works.lead_share(Works("hr@50", 0.53, (COVISIT, level))) is None
    assert works.lead_share(Works("hr@50", 0.53, (COVISIT,))) is None
