"""What does the work, drawn."""

from __future__ import annotations

from caser.dashboard import theme
from caser.dashboard.figures.compare import works as figures
from caser.field.effects import Works
from tests.caser.worked import OLDER, WHOLE

LOOKS = {"Covisit": theme.look("covisit"), "MF": theme.look("mf")}


def test_the_chart_gives_every_number_a_line_of_its_own():
    figure = figures.chart(WHOLE, "Caser", LOOKS)
    lines = [y for trace in figure.data for y in trace.y]
    assert len(lines) == len(set(lines)) == len(WHOLE.effects)
    by_name = {trace.name: trace for trace in figure.data}
    assert by_name["taken out of the trained model"].text[1] == "<b>-29.0</b>"
    assert by_name["its mean in its place"].text == ("<b>-26.0</b>",)
    assert by_name["trained without it (3 trainings)"].marker.symbol == "diamond-open"
    assert "20 random orders" in figure.layout.yaxis.ticktext
    assert figure.layout.yaxis.ticktext[-1] == "MF instead"
    assert figure.layout.title.text == "In the trained Caser, the vertical filters do most"


def test_an_earlier_study_is_drawn_as_one_training_without_a_conclusion():
    figure = figures.chart(OLDER, "Caser")
    assert "trained without it (one training)" in [trace.name for trace in figure.data]
    assert "one random order" in figure.layout.yaxis.ticktext
    assert figure.layout.title.text == "Caser whole: HR@50 57.0%"
    assert figures.chart(Works("hr@50", 0.5, ()), "Caser").layout.annotations[0].text == "Nothing to show"
