"""What the figures are drawn with."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from caser.dashboard.figures import plot as canvas


def roomy(**axes) -> go.Figure:
    """A bar chart with films as labels."""
    bars = {"type": "bar", "y": ["Jaws", "2001: A Space Odyssey"], "x": [1, 2], "orientation": "h"}
    return canvas.figure("A title", 300, [bars], **axes)


def test_the_left_margin_holds_the_longest_label():
    margin = roomy().layout.margin
    assert canvas.text_width("2001: A Space Odyssey") < margin.l < 200
    assert roomy(yaxis=canvas.axis("film")).layout.margin.l > margin.l
    assert roomy(yaxis={"visible": False}).layout.margin.l == 10


@pytest.mark.parametrize(("side", "where"), [("bottom", "b"), ("top", "t")])
def test_labels_of_several_lines_get_room_on_their_side(side, where):
    one = roomy(xaxis={"side": side, "tickvals": [1], "ticktext": ["1"]}).layout.margin[where]
    three = roomy(xaxis={"side": side, "tickvals": [1], "ticktext": ["1<br>to<br>3"]}).layout.margin[where]
    assert three == one + 32


def test_plotly_is_told_not_to_measure_by_itself():
    layout = roomy().layout
    assert layout.xaxis.automargin is layout.yaxis.automargin is False


def test_a_text_of_wide_letters_is_wider():
    assert canvas.text_width("ill") < canvas.text_width("sea") < canvas.text_width("MMM")


def test_an_axis_on_top_gets_room_beside_the_title():
    assert roomy(xaxis={"side": "top"}).layout.margin.t == 42 + canvas.TITLE


def test_larger_type_keeps_what_is_drawn():
    traces = [canvas.scatter(x=[1], y=[2], text=["a"], textfont={"size": 10}), canvas.scatter(x=[1], y=[2])]
    notes = [{"x": 0, "y": 0, "text": "note", "font": {"size": 11}}]
    figure = canvas.enlarged(canvas.figure("Title", 300, traces, annotations=notes), by=2)
    assert figure.layout.font.size == 24
    assert figure.data[0].textfont.size == 20
    assert figure.layout.annotations[0].font.size == 22
    assert figure.layout.height == 600
    assert list(figure.data[0].x) == [1]
