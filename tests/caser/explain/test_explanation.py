"""Explanations hold their invariants on random models, and find the planted truth on cinema."""

import json

import numpy as np
import pytest
import torch

from caser.config import preset
from caser.data import cinema
from caser.data.dataset import split
from caser.explain.concepts import concept_test
from caser.explain.counterfactual import order_effect, shapley
from caser.explain.explanation import contributions, explain, parts, reweigh
from caser.explain.filters import filter_view
from caser.explain.preferences import history_responses
from caser.models import ANONYMOUS, DotProduct
from caser.models.mf import MFConfig
from caser.recommend import score_catalogue
from caser.training.loop import fit
from tests.caser.conftest import make_dataset
from tests.caser.explained import CONTEXTS, HISTORIES, N_ITEMS, N_USERS, L, caser, every_switch, order_blind, score

ITEM = 6


@pytest.fixture(scope="module")
def dataset():
    return make_dataset([(u + 1, i + 1, i) for u in range(N_USERS) for i in range(N_ITEMS)])


def slopes_by_autograd(model, history):
    E = model.embed(torch.tensor([([N_ITEMS] * L + history)[-L:]])).requires_grad_()
    parts = [model.vertical_responses(E).flatten(1)] if model.config.n_v else []
    if model.config.n_h:  # amax shares the gradient of windows that tie
        parts += [response.amax(1).relu() for response in model.horizontal_responses(E)]
    z = model.hidden(torch.cat(parts, 1)).relu()
    (model.item_table()[0][ITEM, : model.config.d] * z).sum().backward()
    return (E.grad * E.detach())[0].sum(1).numpy()


@every_switch
def test_contributions_add_up_to_the_score(switches):
    model = caser(*switches)
    for user, history in CONTEXTS:
        found = contributions(model, user, history, ITEM)
        assert len(found.positions) == L
        assert found.total == pytest.approx(score(model, user, history, ITEM), abs=1e-4)
        assert found.anonymous == (user == ANONYMOUS)


@every_switch
def test_contributions_are_gradient_times_input(switches):
    model = caser(*switches)
    for history in HISTORIES.values():
        found = contributions(model, 1, history, ITEM).positions
        if model.has_sequence_part:
            assert found == pytest.approx(slopes_by_autograd(model, history), abs=1e-5)
        else:
            assert found == (0,) * L


def test_padding_contributes_exactly_nothing():
    assert contributions(caser(), 1, HISTORIES["short"], ITEM).positions[:2] == (0, 0)
    assert contributions(caser(), 1, [], ITEM).positions == (0,) * L


def test_the_anonymous_visitors_row_is_shown_as_the_user():
    found = contributions(caser(), ANONYMOUS, HISTORIES["full"], ITEM)
    assert found.anonymous
    assert found.user != 0
    assert contributions(caser(p=False), ANONYMOUS, HISTORIES["full"], ITEM).user == 0


def test_order_blind_models_have_a_user_and_a_constant():
    mf, popularity = order_blind()
    for model in (mf, popularity):
        found = contributions(model, 1, HISTORIES["full"], ITEM)
        assert found.positions == ()
        assert found.total == pytest.approx(score(model, 1, [], ITEM), abs=1e-5)
    assert contributions(mf, 1, [], ITEM).constant == pytest.approx(float(mf.item_bias[ITEM]), abs=1e-5)
    assert contributions(popularity, 1, [], ITEM).user == 0


class Recurrent(DotProduct):
    """A model that reads a sequence in some way of its own."""

    L = 3

    def __init__(self):
        super().__init__(MFConfig(d=4), N_USERS, N_ITEMS)
        torch.manual_seed(0)
        self.table = torch.nn.Embedding(N_ITEMS + 1, 4, padding_idx=N_ITEMS).requires_grad_(False)

    def query(self, users, sequences):
        rows = self.table(sequences)  # (B, L, d)
        return torch.tanh(rows.cumsum(1)).prod(1)

    def item_table(self):
        return self.table.weight[:-1], torch.zeros(N_ITEMS)


def test_any_other_model_is_explained_by_its_scores_alone(dataset):
    found = explain(Recurrent(), dataset, 1, HISTORIES["full"], ITEM)
    assert found.contributions is None
    assert found.filters is None
    assert sum(found.shapley.values) == pytest.approx(found.shapley.full - found.shapley.empty, abs=1e-4)
    json.dumps(found.to_dict())
    with pytest.raises(ValueError, match="use Shapley values"):
        contributions(Recurrent(), 1, HISTORIES["full"], ITEM)
    split_up = parts(Recurrent(), 1, [1, 2, 3])
    assert not split_up.user.any()
    assert split_up.films == pytest.approx(score_catalogue(Recurrent(), 1, [1, 2, 3]), abs=1e-5)


@every_switch
def test_parts_add_up_and_are_reweighed(switches):
    model = caser(*switches)
    for user, history in CONTEXTS:
        found = parts(model, user, history)
        scores = score_catalogue(model, user, history or [N_ITEMS])
        doing = found.films + found.network
        assert doing + found.user + found.bias == pytest.approx(scores, abs=1e-4)
        assert reweigh(found, 0.5) == pytest.approx(scores, abs=1e-4)
        assert reweigh(found, 0) == pytest.approx(2 * doing + found.bias, abs=1e-4)
        assert reweigh(found, 1) == pytest.approx(2 * found.user + found.bias, abs=1e-4)


@every_switch
def test_every_view_of_a_score_has_the_same_parts(switches):
    model = caser(*switches)
    for user, history in CONTEXTS:
        by_film, whole = contributions(model, user, history, ITEM), parts(model, user, history)
        by_filter = filter_view(model, user, history, ITEM)
        films = sum(by_film.positions)
        assert by_filter.by_vertical + by_filter.by_horizontal == pytest.approx(films, abs=1e-4)
        assert whole.films[ITEM] == pytest.approx(films, abs=1e-4)
        for name in ("user", "network", "constant"):
            found = whole.bias if name == "constant" else getattr(whole, name)
            assert getattr(by_filter, name) == pytest.approx(getattr(by_film, name), abs=1e-5)
            assert found[ITEM] == pytest.approx(getattr(by_film, name), abs=1e-5)


def test_parts_of_order_blind_models():
    mf, popularity = (parts(model, 1, HISTORIES["full"]) for model in order_blind())
    assert mf.user.any()
    assert not mf.films.any()
    assert popularity.bias.any()
    assert not popularity.films.any()
    assert not popularity.user.any()


@pytest.mark.parametrize("who", [-0.1, 1.1, float("nan")])
def test_the_slider_has_bounds(who):
    with pytest.raises(ValueError, match="between 0"):
        reweigh(parts(caser(), 1, []), who)


@every_switch
def test_an_explanation_is_json_and_agrees_with_its_parts(switches, dataset):
    model = caser(*switches)
    for user, history in CONTEXTS:
        found = explain(model, dataset, user, history, ITEM)
        data = json.loads(json.dumps(found.to_dict()))
        assert {"score", "contributions", "shapley", "order_effect", "filters"} <= set(data)
        assert found.score == pytest.approx(score(model, user, history, ITEM), abs=1e-4)
        assert found.contributions.total == pytest.approx(found.score, abs=1e-4)
        assert found.filters == filter_view(model, user, history, ITEM)
        rows = data["contributions"]["positions"]
        assert [row["item_id"] for row in rows] == [i + 1 for i in history[-L:]]
        assert [row["position"] for row in rows] == list(range(1, L + 1))[L - len(rows) :]
        assert len(data["shapley"]["values"]) == min(len(history), L)
        assert data["contributions"]["anonymous"] == (user == ANONYMOUS)
        assert len(data["filters"]["vertical"]) == model.config.n_v


def test_order_blind_models_are_explained(dataset):
    for model in order_blind():
        data = explain(model, dataset, ANONYMOUS, HISTORIES["full"], ITEM).to_dict()
        assert data["user"] is None
        assert data["shapley"]["values"] == []
        assert data["filters"] == {"horizontal": [], "vertical": []}


def test_sampled_values_carry_their_margin(dataset):
    found = explain(caser(L=11), dataset, 1, list(range(11)), 15)
    data = found.to_dict()
    assert not data["shapley"]["exact"]
    assert all(row["margin"] > 0 for row in data["shapley"]["values"])
    assert data["order_effect"]["margin"] > 0


@pytest.mark.parametrize(("user", "item"), [(1, N_ITEMS), (1, -1), (N_USERS, 1), (-2, 1)])
def test_who_or_what_is_not_there_is_refused(dataset, user, item):
    with pytest.raises(ValueError, match="give a dense id"):
        explain(caser(), dataset, user, [1], item)


# ---- the planted truth


@pytest.fixture(scope="module")
def halves():
    return split(cinema.generate().dataset)


@pytest.fixture(scope="module")
def learned(halves):
    """A small Caser that has seen enough of cinema to know its patterns."""
    config = preset("caser").replace(d=32, L=5, T=1, backwards=0.0, epochs=10, patience=0, refit=False)
    return fit(halves, config).model


@pytest.fixture(scope="module")
def blind(halves):
    mf = preset("mf").replace(d=8, epochs=2, patience=0, refit=False)
    return [fit(halves, config).model for config in (mf, preset("popularity"))]


@pytest.fixture(scope="module")
def films(halves):
    """The cinema catalogue by dense id."""
    rows = cinema.catalogue().set_index("item_id").loc[halves.dataset.item_ids].reset_index()
    return rows.assign(item=rows.index)


def neutral(films, n, seed):
    """Films of n different genres, of no saga, none of which calls for anything."""
    single = films[(films["saga"] == "") & (films["primary_genre"] != cinema.CLEANSED_GENRE)]
    return single.sample(frac=1, random_state=seed).drop_duplicates("primary_genre")["item"].tolist()[:n]


def sagas(films, least):
    for _, saga in films[films["saga"] != ""].groupby("saga"):
        if len(saga) >= least and (saga["instalment"].to_numpy() == np.arange(1, len(saga) + 1)).all():
            yield saga["item"].tolist()


def test_filters_named_after_a_genre_answer_to_it_in_real_histories(learned, halves):
    found = concept_test(learned, halves)
    genres = halves.dataset.catalogue["genres"]
    gains, alive = [], []
    for h, j in found.filters:
        starts, responses = history_responses(learned, halves, h, j)
        for row in filter(None, found.row_names(h, j)):
            if row.concept.group == "genre":
                has = genres.map(lambda of, name=row.concept.seeks: name in of).to_numpy()
                sought = has[halves.item[starts + row.row]] == (row.text == row.concept.seeks)
                gains.append(responses[sought].mean() - responses[~sought].mean())
                alive.append((responses[sought] > 0).mean() - (responses[~sought] > 0).mean())
    assert len(gains) >= 3
    assert np.mean(np.array(gains) > 0) > 0.9
    assert np.mean(gains) > 0.1
    assert np.mean(alive) > 0.1


def test_order_matters_on_sagas_and_not_to_order_blind_models(learned, blind, films):
    effects, lower = [], []
    for seed, saga in enumerate(sagas(films, 3)):
        history = neutral(films, 3, seed) + saga[:2]
        found = order_effect(learned, ANONYMOUS, history, saga[2])
        effects.append(found.effect)
        lower.append(found.share_lower)
        for model in blind:
            assert order_effect(model, ANONYMOUS, history, saga[2]).effect == pytest.approx(0, abs=1e-5)
    assert len(effects) >= 10
    assert np.median(effects) > 1
    assert np.mean(lower) > 0.8


def test_shapley_names_the_instalment_that_calls_for_the_next(learned, films):
    named = []
    for seed, saga in enumerate(sagas(films, 2)):
        history, position = neutral(films, 4, seed), seed % 5
        history.insert(position, saga[0])
        values = shapley(learned, ANONYMOUS, history, saga[1]).values
        named.append(int(np.argmax(values)) == position)
    assert np.mean(named) > 0.85


def test_shapley_names_the_horror_film_two_steps_back(learned, films):
    dark = films.loc[films["primary_genre"] == cinema.CLEANSED_GENRE, "item"].tolist()
    light = films[(films["saga"] == "") & films["primary_genre"].isin(cinema.CLEANSING_GENRES)]["item"].tolist()
    heavy = films[~films["primary_genre"].isin(cinema.CLEANSING_GENRES)]
    named = []
    for seed in range(30):
        a, b, c, d = neutral(heavy, 4, seed)
        values = shapley(learned, ANONYMOUS, [a, b, c, dark[seed % len(dark)], d], light[seed % len(light)]).values
        named.append(int(np.argmax(values)) == 3)
    assert np.mean(named) > 0.5  # by chance 0.2


@every_switch
def test_printed_parts_are_the_same_wherever_they_stand(switches):
    """Rounded once: by film and by filter they give the films the same, and all add up to the printed score."""
    model = caser(*switches)
    for user, history in CONTEXTS:
        scores = score_catalogue(model, user, history or [N_ITEMS])
        for item in range(N_ITEMS):
            by_film = contributions(model, user, history, item).printed
            by_filter = filter_view(model, user, history, item).printed
            films = round(sum(by_film.positions), 2)
            assert round(by_filter["vertical"] + by_filter["horizontal"], 2) == films
            for name in ("user", "network", "constant"):
                assert by_filter[name] == getattr(by_film, name)
            assert sum(by_filter.values()) == pytest.approx(by_film.total, abs=1e-9)
            assert by_film.total == pytest.approx(scores[item], abs=0.0051)
