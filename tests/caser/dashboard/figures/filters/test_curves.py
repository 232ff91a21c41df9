"""Curves, drawn."""

import numpy as np

from caser.dashboard.figures.filters import curves as figures
from caser.explain.curves.effects import CurveEffects
from caser.explain.curves.shapes import BACK, FADES, Group

GROUPS = (
    Group(0, FADES, np.arange(40), np.array([1, 0.5, 0.2])),
    Group(1, FADES, np.arange(30), np.array([1, 0.4, 0.1])),
    Group(1, BACK, np.arange(30, 40), np.array([0.2, 1, 0.4])),
)


def test_each_layer_has_a_panel_with_a_line_for_each_shape_and_what_all_began_as():
    figure = figures.shapes(GROUPS, np.array([1, 0.7, 0.49]))
    lines = {(trace.xaxis, trace.name, trace.showlegend) for trace in figure.data}
    assert {("x", "fades", True), ("x2", "fades", False), ("x2", "further back", True)} <= lines
    assert [trace.xaxis for trace in figure.data if trace.name == "before training"] == ["x", "x2"]
    assert [trace.showlegend for trace in figure.data if trace.name == "before training"] == [True, False]


def test_the_reach_rises_by_films_read():
    figure = figures.reach(CurveEffects(9, {"hr@50": 0.6}, (), {5: {"hr@50": 0.6}, 1: {"hr@50": 0.4}}), "hr@50")
    (line,) = figure.data
    assert list(line.y) == [40.0, 60.0]
    assert list(figure.layout.xaxis.ticktext) == ["1", "5"]


def test_gates_are_shares():
    figure = figures.gates(np.array([[0.2], [0.9]]), ["Alien", "Heat"])
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 1)
    assert list(figure.data[1].text) == ["0.20", "0.90"]
