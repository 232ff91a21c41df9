"""The tour: six steps, each a link, that end with what does the work."""

import re

import pytest

from caser.dashboard.presenting.tour import STEPS


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_is_a_page_that_says_what_to_look_at(open_page, read, number):
    step = STEPS[number - 1]
    app = open_page(step.page, user="3", tour=str(number), **dict(step.params))
    said = read(app)
    assert f"Step {number} of {len(STEPS)} · {step.title}" in said
    assert app.query_params["tour"] == str(number)
    words = re.search(rf"Step {number} of .*\n(.*)", said)[1].split()
    assert 0 < len(words) <= 25


def test_the_last_step_says_what_does_the_work(open_page, read):
    assert "What does the work" in read(open_page("compare", tour=str(len(STEPS))))


def test_no_step_without_being_asked_and_none_that_is_not_there(open_page, read):
    assert "Step 1 of" not in read(open_page("overview"))
    assert "is not a step; the tour has steps 1 to 6" in read(open_page("overview", tour="7"))
