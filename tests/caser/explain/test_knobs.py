"""Knobs: their text, the turned copy against the arithmetic written out, and what it does for all."""

import re

import numpy as np
import pytest
import torch

from caser.data.dataset import split
from caser.evaluation import evaluate
from caser.explain.explanation import contributions, explain, parts, reweigh
from caser.explain.filters import filter_view, horizontal_name, vertical_name
from caser.explain.knobs import Knobs, effect, turned
from caser.models import ANONYMOUS
from caser.recommend import score_catalogue, to_numpy, window
from tests.caser.conftest import make_dataset
from tests.caser.explained import CONTEXTS, HISTORIES, N_ITEMS, N_USERS, caser, every_switch, order_blind

EVERYTHING = "2b:1.5,2b@1.6:-0.2,3a@3.1:0.7,4c:-2,V1:3,V2@4:0.9,h:0.5,p:-0.75,v:1.25,who:0.7"


def usable(model) -> Knobs:
    """As many of all knobs as the model has."""
    return Knobs.read(EVERYTHING, model)[0]


def written_out(model, knobs: Knobs, user: int, history: list[int]) -> np.ndarray:
    """Every item's score, section 3 of the paper with the knobs in it, in plain loops."""
    d, L, n_h, n_v = (getattr(model.config, name) for name in ("d", "L", "n_h", "n_v"))
    E = to_numpy(model.embed(window(model, history))[0]).astype(float)
    features = []
    for k in range(n_v):
        weights = [knobs.value(f"V{k + 1}@{place + 1}") for place in range(L)]
        trained = to_numpy(model.vertical[k, 0, :, 0])
        mixed = sum((t if w is None else w) * row for w, t, row in zip(weights, trained, E, strict=True))
        features += list(knobs.value("v") * knobs.value(vertical_name(k)) * mixed)
    for height in range(1, L + 1) if n_h else ():
        for j in range(n_h):
            name, rows = horizontal_name(height, j), to_numpy(model.horizontal[height - 1][j, 0]).astype(float)
            for row, column in np.ndindex(*rows.shape):
                edited = knobs.value(f"{name}@{row + 1}.{column + 1}")
                rows[row, column] = rows[row, column] if edited is None else edited
            over = [(rows * E[first : first + height]).sum() for first in range(L - height + 1)]
            kept = max(0.0, max(over) + float(model.horizontal_bias[height - 1, j]))
            features.append(knobs.value("h") * knobs.value(name) * kept)
    weight, bias = map(to_numpy, model.item_table())
    who, scores, at = knobs.value("who"), bias.astype(float), 0
    if features:
        z = np.maximum(to_numpy(model.hidden.weight) @ np.array(features) + to_numpy(model.hidden.bias), 0)
        scores, at = scores + 2 * (1 - who) * weight[:, :d] @ z, d
    if model.config.p:
        row = to_numpy(model.users.weight[user + 1])
        scores = scores + 2 * who * knobs.value("p") * weight[:, at:] @ row
    return scores


# ---- text


def test_the_text_is_canonical_and_read_back():
    model = caser()
    knobs = Knobs.parse(" who:0.700, v:0,2B:+1.50 , V1:1,h:1.0004,v2@4:-.25,2b@1.6:0,", model)
    assert knobs.text == "2b:1.5,2b@1.6:0,V2@4:-0.25,v:0,who:0.7"
    assert Knobs.parse(knobs.text, model) == knobs
    assert Knobs.parse(EVERYTHING, model).text == EVERYTHING
    assert Knobs.parse("", model).text == ""
    assert not Knobs.parse("h:1,who:0.5,4c:1", model)
    assert knobs.turned("v", 1).turned("p", -0.0001).text == "2b:1.5,2b@1.6:0,V2@4:-0.25,p:0,who:0.7"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2b", "'2b' sets nothing; write a name, a colon and a value"),
        ("2b:", "2b is ''; give a number, as in 2b:0.5"),
        ("2b:nan", "2b is 'nan'; give a number"),
        ("2b:1e2", "2b is '1e2'; give a number"),
        ("2b:3.01", "2b is 3.01; give a number from -2 to 3"),
        ("p:-7", "p is -7; give a number from -2 to 3"),
        ("who:1.2", "who is 1.2; give a number from 0 to 1"),
        ("V1@1:99", "V1@1 is 99; give a number from -10 to 10"),
        ("2.7:0", "'2.7' is no filter's name; write 4b for a horizontal filter, V1 for a vertical one"),
        ("2d:0", "no filter 2d; it has 3 of each height from 1 to 4"),
        ("9a:0", "no filter 9a; it has 3 of each height from 1 to 4"),
        ("V3:0", "no vertical filter V3; it has 2, from V1"),
        ("V1@5:0", "no weight V1@5; places run from 1, the oldest, to 4"),
        ("V1@0:0", "no weight V1@0; places run from 1"),
        ("V1@x:0", "'V1@x' names no weight; write V1@1 for place 1"),
        ("2b@1:0", "'2b@1' names no weight; write 2b@1.2 for row 1, column 2"),
        ("2b@3.1:0", "no weight 2b@3.1; rows run from 1 to 2, columns from 1 to 6"),
        ("2b@1.7:0", "no weight 2b@1.7; rows run from 1 to 2, columns from 1 to 6"),
        ("2b:0,2b:1", "2b is set twice, to 0 and 1; set it once"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_remedy(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Knobs.parse(text, caser())


def test_a_page_keeps_what_can_be_used():
    knobs, problems = Knobs.read("V9:0,v:2,h:lots,1a:0", caser())
    assert knobs.text == "1a:0,v:2"
    assert len(problems) == 2


def test_parts_that_a_model_does_not_have():
    mf, popularity = order_blind()
    assert Knobs.parse("p:2", mf).text == "p:2"
    for model, text, said in (
        (mf, "v:0", "no vertical filters"),
        (mf, "who:0.2", "no two parts to weigh"),
        (popularity, "p:0", "no user part"),
        (popularity, "h:0", "no horizontal filters"),
        (caser(p=False), "p:0", "no user part"),
        (caser(p=False), "who:0.2", "no two parts to weigh"),
        (caser(n_h=0), "h:0", "no horizontal filters"),
        (caser(n_h=0), "1a:0", "no horizontal filters; leave out 1a"),
        (caser(n_v=0), "V1:0", "no vertical filters"),
    ):
        with pytest.raises(ValueError, match=said):
            Knobs.parse(text, model)
        with pytest.raises(ValueError, match=said):
            turned(model, Knobs.of({text.partition(":")[0]: 0}))


def test_a_value_outside_its_range_is_no_setting():
    with pytest.raises(ValueError, match="from -2 to 3"):
        Knobs.of({"h": 4})
    with pytest.raises(ValueError, match="from -2 to 3"):
        Knobs.of({"h": float("nan")})


# ---- the copy


@every_switch
def test_the_copy_scores_as_the_arithmetic_says(switches):
    model = caser(*switches)
    alone = [Knobs.of({name: value}) for name, value in usable(model).settings]
    for knobs in (Knobs(), usable(model), *alone):
        for user, history in CONTEXTS:
            found = score_catalogue(turned(model, knobs), user, history)
            assert found == pytest.approx(written_out(model, knobs, user, history), abs=1e-4), knobs.text


def test_who_against_what_is_reweigh():
    for model in (caser(), caser(tied=True)):
        for who in (0.0, 0.2, 0.5, 1.0):
            for user, history in CONTEXTS:
                found = score_catalogue(turned(model, Knobs.of({"who": who})), user, history)
                assert found == pytest.approx(reweigh(parts(model, user, history), who), abs=1e-4)


def test_a_user_part_alone_is_turned():
    mf, _ = order_blind()
    whole, none = (parts(turned(mf, Knobs.of({"p": p})), 1, []) for p in (1.5, 0))
    assert whole.user == pytest.approx(1.5 * parts(mf, 1, []).user, abs=1e-5)
    assert not none.user.any()


def test_factors_that_cancel_leave_no_bias_unweighed():
    model = caser()
    knobs = Knobs.of({"who": 0.75, "h": 2, "v": 2})
    found = score_catalogue(turned(model, knobs), 1, HISTORIES["full"])
    assert found == pytest.approx(written_out(model, knobs, 1, HISTORIES["full"]), abs=1e-4)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("", set()),
        ("2b:0", {"hidden.weight", "hidden.bias"}),
        ("p:0", {"users.weight"}),
        ("who:0.6", {"hidden.weight", "hidden.bias", "users.weight"}),
        ("V1@2:0", {"vertical"}),
        ("3b@1.1:0", {"horizontal.2"}),
    ],
)
def test_the_copy_shares_whatever_is_not_changed_and_the_model_stays_as_it_is(text, own):
    model = caser(tied=True)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    twin = turned(model, Knobs.parse(text, model))
    weights = dict(model.named_parameters())
    assert {name for name, weight in twin.named_parameters() if weight is not weights[name]} == own
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert twin.tie is model.tie  # by which the product of tied rows is kept


@every_switch
def test_contributions_of_the_copy_add_up(switches):
    model = caser(*switches)
    twin = turned(model, usable(model))
    for user, history in CONTEXTS:
        scores = score_catalogue(twin, user, history)
        for item in (6, 12):
            found, view = contributions(twin, user, history, item), filter_view(twin, user, history, item)
            assert found.total == pytest.approx(scores[item], abs=1e-4)
            assert view.total == pytest.approx(scores[item], abs=1e-4)
            assert view.by_horizontal + view.by_vertical == pytest.approx(sum(found.positions), abs=1e-4)
            assert (view.user, view.network) == pytest.approx((found.user, found.network), abs=1e-5)


def test_a_factor_multiplies_what_a_filter_adds_while_the_same_units_are_active():
    model, history = caser(), HISTORIES["full"]
    plain = filter_view(model, 1, history, 6)
    strong = next(f for f in plain.fired)
    view = filter_view(turned(model, Knobs.of({strong.name: 1.001})), 1, history, 6)
    (same,) = (f for f in view.horizontal if f.name == strong.name)
    assert same.contribution == pytest.approx(1.001 * strong.contribution, rel=1e-4)
    assert same.activation == strong.activation  # it is turned behind the pooling


def test_everything_said_of_a_film_holds_for_the_copy():
    data = make_dataset([(u, i + 1, i) for u in range(N_USERS) for i in range(N_ITEMS)], N_ITEMS)
    model = caser()
    twin = turned(model, usable(model))
    said = explain(twin, data, ANONYMOUS, HISTORIES["full"], 6)
    assert said.score == pytest.approx(score_catalogue(twin, ANONYMOUS, HISTORIES["full"])[6], abs=1e-4)
    assert said.contributions.total == pytest.approx(said.score, abs=1e-4)
    assert said.shapley.full == pytest.approx(said.score, abs=1e-4)


# ---- for all viewers


@pytest.fixture(scope="module")
def halves():
    rng = np.random.default_rng(0)
    rows = [(u, i + 1, t) for u in range(N_USERS) for t, i in enumerate(rng.permutation(N_ITEMS)[:6])]
    return split(make_dataset(rows, N_ITEMS))


def test_the_effect_is_the_paired_difference_of_two_evaluations(halves):
    model, shares = caser(), []
    knobs = Knobs.of({"v": -1, "p": 3})
    whole, ranks = evaluate(model, halves), evaluate(turned(model, knobs), halves)
    found = effect(model, knobs, halves, on_share=shares.append)
    assert (found.users, found.everybody) == (N_USERS, N_USERS)
    for name in ("mrr", "hr@10"):
        paired = ranks.metrics[name] - whole.metrics[name]
        assert found.whole[name] == pytest.approx(whole.means()[name])
        assert found.change[name] == pytest.approx(paired.mean())
        assert found.margin[name] == pytest.approx(1.96 * paired.std() / np.sqrt(N_USERS))
        assert found.sure(name) == (abs(found.change[name]) > found.margin[name])
    assert np.isnan(found.change["hr@50"])
    assert not found.sure("hr@50")
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_the_ranks_given_say_for_whom(halves):
    model, shares = caser(), []
    whole = evaluate(model, halves).of(halves.evaluated[:2])
    found = effect(model, Knobs.of({"h": 0}), halves, whole, shares.append)
    assert (found.users, found.everybody) == (2, N_USERS)
    assert shares[-1] == 1
    still = effect(model, Knobs(), halves, whole)
    assert (still.change["mrr"], still.margin["mrr"]) == (0, 0)
