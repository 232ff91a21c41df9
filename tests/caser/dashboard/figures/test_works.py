"""What does the work: the sentence says what was measured, no less and no more."""

from __future__ import annotations

import pytest

from caser.dashboard import theme
from caser.dashboard.figures import works
from caser.dashboard.figures.works import ANEW, BASELINE, COUNTING, OFF, SHUFFLED, Effect, Works


def effect(kind: str, change: float, part: str = "", margin: float = 0.01, **more) -> Effect:
    return Effect(kind, change, change - margin, change + margin, part, **more)


COVISIT = effect(COUNTING, -0.036, name="Covisit", look=theme.look("covisit"), by="only counts")
MF = effect(BASELINE, -0.145, name="MF", look=theme.look("mf"))
PARTS = (
    effect(OFF, 0.003, "h"),
    effect(ANEW, -0.027, "h"),
    effect(OFF, -0.281, "v"),
    effect(ANEW, -0.028, "v"),
    effect(OFF, -0.02, "p"),
)
WHOLE = Works("Caser", "hr@50", 0.53, (*PARTS, effect(SHUFFLED, -0.018), COVISIT, MF))


def test_the_sentence_tells_leaning_from_worth_and_who_counts():
    assert works.sentence(WHOLE) == (
        "Switched off in the trained Caser, the vertical filters cost most: 28.1 points of HR@50; trained from scratch "
        "without them, it loses 2.8 points. Putting the films of every window in a random order costs 1.8 points. "
        "Covisit, which only counts, has 75% of the lead of 14.5 points over MF."
    )


def test_the_short_form_says_the_same():
    assert works.summary(WHOLE) == (
        "In the trained model the vertical filters do most of the work: switched off, they cost 28.1 points of HR@50 "
        "(53.0% as it is), who is watching 2.0 points, the horizontal filters no more than chance would (0.3 points). "
        "The films in random order cost 1.8 points. Covisit, which only counts, has 75% of the lead over MF."
    )


def test_the_costliest_part_does_most_of_the_work_only_where_the_others_cost_less_together():
    changes = (effect(OFF, -0.1, "p"), effect(OFF, -0.06, "v"), effect(OFF, -0.05, "h"))
    said = works.summary(Works("Caser", "hr@50", 0.5, changes))
    assert said.startswith(
        "In the trained model who is watching does the most work: switched off, it costs 10.0 points"
    )
    for change in (-0.003, 0.03):  # may be chance; surely better without it
        found = Works("Caser", "hr@50", 0.5, (effect(OFF, change, "v"),))
        assert works.summary(found) == (
            "No part of the trained model costs more HR@50 (50.0% as it is) than chance would when it is switched off."
        )
        assert works.sentence(found).startswith("No part of Caser that is switched off costs more than chance would")


def test_what_may_be_chance_is_called_so_and_what_is_missing_is_not_spoken_of():
    found = Works("Caser", "mrr", 0.1, (effect(OFF, -0.005, "v"), effect(SHUFFLED, -0.004), COVISIT))
    said = works.sentence(found)
    assert said.startswith("No part of Caser that is switched off costs more than chance would.")
    assert "random order costs no more than chance would (.004)" in said
    assert "lead" not in said  # MF is not there to lead
    assert works.sentence(Works("Caser", "mrr", 0.1, ())) == ""
    assert works.summary(Works("Caser", "mrr", 0.1, ())) == ""


@pytest.mark.parametrize(("change", "said"), [(-0.2, "nothing of the lead"), (0.01, "all of the lead")])
def test_a_counting_model_may_have_all_of_the_lead_or_nothing(change, said):
    counting = effect(COUNTING, change, name="Covisit", look=theme.look("covisit"), by="only counts")
    assert said in works.sentence(Works("Caser", "hr@50", 0.53, (counting, MF)))


def test_parts_that_are_better_left_out_are_named():
    better = Works("Caser", "hr@10", 0.3, (effect(OFF, -0.2, "v"), effect(ANEW, 0.031, "h"), effect(ANEW, 0.005, "v")))
    assert "It does better when it is trained without the horizontal filters (by 3.1 points)." in works.sentence(better)


def test_no_lead_is_spoken_of_where_there_is_none():
    level = effect(BASELINE, -0.005, name="MF", look=theme.look("mf"))
    assert works.lead_share(Works("Caser", "hr@50", 0.53, (COVISIT, level))) is None


def test_the_chart_gives_every_number_a_line_of_its_own():
    figure = works.chart(WHOLE)
    lines = [y for trace in figure.data for y in trace.y]
    assert len(lines) == len(set(lines)) == len(WHOLE.effects)
    assert figure.data[0].text[1] == "<b>-28.1</b>"
    assert figure.data[1].marker.symbol == "diamond-open"
    assert figure.layout.yaxis.ticktext[-1] == "MF instead"
    assert figure.layout.title.text == (
        "Caser leans most on the vertical filters; switching off the horizontal filters costs no more than chance would"
    )
    assert works.chart(Works("Caser", "hr@50", 0.5, ())).layout.annotations[0].text == "Nothing to show"
