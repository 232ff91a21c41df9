"""The tour: six steps, each a link, that end with three things to take home."""

import re

import pytest

from caser.dashboard.presenting.tour import STEPS


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
@pytest.mark.parametrize("model", ["cinema-caser", "cinema-mf"])
def test_every_step_is_a_page_that_says_what_to_look_at(open_page, number, model):
    step = STEPS[number - 1]
    app = open_page(step.page, user="3", model=model, tour=str(number), **dict(step.params))
    assert app.query_params["tour"] == str(number)
    said = next(part.value for part in app.markdown if f"{number} of {len(STEPS)} · {step.title}" in part.value)
    assert 0 < len(re.findall(r"\w\S*", said.partition("\n\n")[2])) <= 25


def test_every_step_can_be_reached_from_every_other(open_page):
    app = open_page("overview", tour="2")
    labels = [link.proto.label for link in app.get("page_link")]
    for label in ("1", "2", "3", "4", "5", "6", "Back", "Next", "Leave"):
        assert label in labels


def test_the_last_step_says_three_things(open_page):
    (said,) = [part.value for part in open_page("compare", tour="6").markdown if "take home**" in part.value]
    assert len(re.findall(r"^- .+\.$", said, re.M)) == 3


def test_no_step_without_being_asked_and_none_that_is_not_there(open_page, read):
    assert "1 of 6" not in read(open_page("overview"))
    assert "is not a step; the tour has steps 1 to 6" in read(open_page("overview", tour="7"))
