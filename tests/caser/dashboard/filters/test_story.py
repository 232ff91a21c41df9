"""The story's numbers are the model's, and its sentences add up."""

import re

import numpy as np
import pytest

from caser.dashboard.filters.story import content
from caser.explain.filters import filter_view, trace
from tests.caser.explained import L, caser

FILMS = [f"Film {place}" for place in range(1, L + 1)]
HISTORY, ITEM = [9, 1, 2, 3, 4, 5], 7


def told(model):
    return content(model, trace(model, HISTORY), filter_view(model, 1, HISTORY, ITEM), FILMS, "Alien")


def test_the_window_comes_first_then_every_place_of_both_filters_and_what_is_kept():
    found = told(caser())
    places = len(found["horizontal"]["answers"])
    kinds = [step["kind"] for step in found["steps"]]
    assert kinds == ["window", *["vertical"] * L, *["horizontal"] * places, "kept"]
    assert [film["title"] for film in found["films"]] == FILMS
    assert all(-1 <= cell["shade"] <= 1 for film in found["films"] for cell in film["cells"])


def test_the_arithmetic_adds_up_to_the_models_answers():
    model = caser()
    found = told(model)
    shown = filter_view(model, 1, HISTORY, ITEM)
    height, index = map(int, found["horizontal"]["name"].split("."))
    one = next(f for f in shown.horizontal if (f.height, f.index) == (height, index))
    slides = [step["say"] for step in found["steps"] if step["kind"] == "horizontal"]
    for said, answer in zip(slides, one.responses, strict=True):
        *added, total = map(float, re.findall(r"[+-]\d+\.\d\d", said))
        assert total == pytest.approx(answer, abs=0.005)
        assert sum(added) == pytest.approx(total, abs=0.005 * (len(added) + 1))
    assert found["horizontal"]["kept"] == int(np.argmax(one.responses))
    assert f"{max(one.responses):+.2f}" in found["steps"][-1]["say"]


def test_the_blend_is_the_vertical_filters():
    model = caser()
    found, traced = told(model), trace(model, HISTORY)
    k = int(found["vertical"]["name"][1:])
    last = [cell["shade"] for cell in found["vertical"]["sums"][-1]]
    ratio = np.array(last) / traced.vertical[k]
    assert np.allclose(ratio, ratio[0], rtol=0.05)
    weights = [step["say"] for step in found["steps"] if step["kind"] == "vertical"]
    assert len(weights) == L


def test_the_last_step_says_what_both_filters_add_to_the_score():
    model = caser()
    found, shown = told(model), filter_view(model, 1, HISTORY, ITEM)
    blend = shown.vertical[int(found["vertical"]["name"][1:])]
    height, index = map(int, found["horizontal"]["name"].split("."))
    slide = next(f for f in shown.horizontal if (f.height, f.index) == (height, index))
    assert found["steps"][-1]["say"].endswith(
        f"here {found['vertical']['name']} adds {blend.contribution:+.2f} and {height}.{index} adds "
        f"{slide.contribution:+.2f} for Alien."
    )


@pytest.mark.parametrize(("switches", "gone"), [({"n_h": 0}, "horizontal"), ({"n_v": 0}, "vertical")])
def test_without_one_kind_the_other_is_told(switches, gone):
    found = told(caser(**switches))
    assert found[gone] is None
    assert not [step for step in found["steps"] if step["kind"] == gone]
    assert len(found["steps"]) > 1
