"""What the browser is given to draw forming filters."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch

from caser.dashboard.forming.content import CLIPPED, MOST, content
from caser.explain.planted import Formed
from caser.training.reports import LIVE_METRICS, EpochReport


def snapshot(fill, n_h=2, n_v=1, L=3, d=4):
    """Filters whose numbers grow with their place."""
    horizontal = {
        f"horizontal.{h}": fill * (torch.arange(n_h * (h + 1) * d).reshape(n_h, 1, h + 1, d) + 1.0) for h in range(L)
    }
    return (horizontal if n_h else {}) | ({"vertical": fill * torch.ones(n_v, 1, L, 1)} if n_v else {})


def report(epoch):
    return EpochReport("select", epoch, 9, 5.0 / epoch, dict.fromkeys(LIVE_METRICS, 0.41), 1e3, 1.0)


def drawn(snapshots, formed=None, reports=(), live=False):
    return content(snapshots, reports, formed or [Formed()] * len(snapshots), 9, live)


def cells(shown, epoch):
    return np.frombuffer(base64.b64decode(shown["cells"][epoch]), np.int8)


def test_every_number_of_every_filter_is_there_in_the_order_of_the_bands():
    shown = drawn({0: snapshot(0.5), 1: snapshot(1.0)})
    sizes = [(one["name"], one["rows"] * one["columns"]) for band in shown["bands"] for one in band["filters"]]
    assert [name for name, _ in sizes] == ["1a", "1b", "2a", "2b", "3a", "3b", "V1"]
    assert len(cells(shown, 1)) == sum(size for _, size in sizes)
    assert [band["label"] for band in shown["bands"]] == [
        "reads 1 film",
        "reads 2 films",
        "reads 3 films",
        "blends 3 films",
    ]


def test_filters_and_blends_have_a_scale_each_that_holds_for_all_epochs():
    shown = drawn({0: snapshot(0.5), 1: snapshot(1.0)})
    first, last = cells(shown, 0).astype(int), cells(shown, 1).astype(int)
    assert last.max() == MOST
    assert last[-1] == MOST  # the blends are ones, the filters' numbers go to 24
    assert np.abs(2 * first - last)[: -int(24 * (1 - CLIPPED)) - 4].max() <= 1


def test_an_epoch_says_what_it_came_to_and_the_start_that_it_is_noise():
    shown = drawn({0: snapshot(0.5), 1: snapshot(1.0), 2: snapshot(1.0)}, reports=[report(1)])
    assert shown["loss"] == [None, 5.0, None]
    assert shown["said"] == [
        "Before training the filters are noise.",
        "After epoch 1 the right film is among the first 10 for 41 of 100 viewers.",
        "After epoch 2.",
    ]


def test_names_and_patterns_are_those_of_their_epoch():
    found = Formed({(2, 1): "Horror, then any"}, {"a rule": "2b"})
    shown = drawn({0: snapshot(0.5), 1: snapshot(1.0)}, [Formed({}, {"a rule": ""}), found])
    assert shown["names"] == [[""] * 6, ["", "", "", "Horror, then any", "", ""]]
    assert shown["planted"] == [{"label": "a rule", "by": ["", "2b"]}]


@pytest.mark.parametrize("parts", [{"n_h": 0}, {"n_v": 0}, {"L": 1, "d": 1}])
def test_a_model_may_lack_a_kind_of_filter(parts):
    shown = drawn({0: snapshot(0.0, **parts), 1: snapshot(1.0, **parts)})
    size = sum(one["rows"] * one["columns"] for band in shown["bands"] for one in band["filters"])
    assert len(cells(shown, 0)) == size > 0
    assert not cells(shown, 0).any()
