import json

import numpy as np
import pytest
import torch

from caser.explain.filters import (
    dominant,
    filter_view,
    filter_weights,
    horizontal_filters,
    horizontal_name,
    parse_name,
    trace,
    user_contribution,
    vertical_name,
    vertical_weights,
)
from caser.recommend import window
from tests.caser.explained import CONTEXTS, HISTORIES, N_ITEMS, L, caser, every_switch, order_blind, score


@every_switch
def test_filters_user_and_constant_add_up_to_the_score(switches):
    model = caser(*switches)
    for user, history in CONTEXTS:
        view = filter_view(model, user, history, 6)
        assert view.total == pytest.approx(score(model, user, history, 6), abs=1e-4)


@every_switch
def test_the_trace_ends_in_the_models_own_query(switches):
    model = caser(*switches)
    for history in HISTORIES.values():
        traced = trace(model, history)
        query = model.query(torch.tensor([0]), window(model, history))[0].numpy()
        assert np.allclose(np.maximum(traced.hidden, 0), query[: len(traced.hidden)], atol=1e-6)


def test_activation_is_the_response_of_the_pooled_window():
    model = caser()
    for h, j in horizontal_filters(model):
        for history in HISTORIES.values():
            found = next(f for f in filter_view(model, 0, history, 1).horizontal if (f.height, f.index) == (h, j))
            assert len(found.responses) == L - h + 1
            assert found.responses[found.pooled] == max(found.responses)
            assert found.activation == pytest.approx(max(found.responses[found.pooled], 0))
            assert found.alive == (found.activation > 0)
            rows = model.items.weight[window(model, history)[0, found.pooled : found.pooled + h]]
            by_hand = (rows.numpy() * filter_weights(model, h, j)).sum() + float(model.horizontal_bias[h - 1, j])
            assert found.responses[found.pooled] == pytest.approx(by_hand, abs=1e-5)


def test_a_dead_filter_adds_nothing_and_is_not_listed():
    model = caser()
    model.horizontal_bias[0] = -100
    view = filter_view(model, 0, HISTORIES["full"], 1)
    assert all(f.contribution == 0 and not f.alive for f in view.horizontal if f.height == 1)
    assert all(f.height > 1 for f in view.fired)
    sizes = [abs(f.contribution) for f in view.fired]
    assert sizes == sorted(sizes, reverse=True)


def test_vertical_weights_by_position():
    model = caser(n_v=2)
    assert vertical_weights(model).shape == (2, L)
    assert dominant(np.array([0.0, 0.0])) is None
    assert dominant(np.array([0.25, 0.25, 0.25, 0.25])) is None
    assert dominant(np.array([-3.0, 1, 1])) == 0
    assert all(vertical_weights(other).shape == (0, 0) for other in order_blind())


def test_the_user_part_is_what_the_row_adds():
    mf, popularity = order_blind()
    assert user_contribution(mf, 1, 4) + float(mf.item_bias[4]) == pytest.approx(score(mf, 1, [], 4), abs=1e-6)
    assert user_contribution(popularity, 1, 4) == 0
    assert user_contribution(caser(p=False), 1, 4) == 0


def test_a_window_is_padded_on_the_left_and_refuses_foreign_items():
    assert window(caser(), [5, 19]).tolist() == [[N_ITEMS, N_ITEMS, 5, 19]]
    with pytest.raises(ValueError, match="no item 21"):
        window(caser(), [21])


def test_a_filter_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no filter 5a; it has 3 of each height from 1 to 4"):
        filter_weights(caser(), 5, 0)


def test_names_are_read_back_and_cannot_pass_for_decimals():
    for height, index in [(1, 0), (4, 25), (4, 26), (12, 701), (2, 702)]:
        assert parse_name(horizontal_name(height, index)) == ("h", height, index)
    assert [horizontal_name(2, index) for index in (7, 25, 26, 52, 702)] == ["2h", "2z", "2aa", "2ba", "2aaa"]
    for index in (0, 9, 99):
        assert parse_name(vertical_name(index)) == ("v", index)
    assert parse_name(" v3 ") == ("v", 2)


@pytest.mark.parametrize("text", ["", "2.7", "0a", "V0", "4", "b", "4b1", "V", "²a", "4é", "a" * 99])
def test_what_is_no_name_is_refused_with_the_remedy(text):
    with pytest.raises(ValueError, match="write 4b for a horizontal filter, V1 for a vertical one"):
        parse_name(text)


def test_records_are_json_and_count_from_1():
    data = json.loads(json.dumps(filter_view(caser(), 0, [1], 1).to_dict()))
    assert [(f["name"], f["height"], f["index"]) for f in data["horizontal"]][:4] == [
        ("1a", 1, 1),
        ("1b", 1, 2),
        ("1c", 1, 3),
        ("2a", 2, 1),
    ]
    assert [(f["name"], f["index"]) for f in data["vertical"]] == [("V1", 1), ("V2", 2)]
    assert min(f["pooled"] for f in data["horizontal"]) >= 1
    json.dumps(trace(caser(), [1, 2]).to_dict())
