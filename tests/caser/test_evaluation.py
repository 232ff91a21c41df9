import numpy as np
import pytest
import torch
from scipy import stats

from caser.config import preset
from caser.data.dataset import split
from caser.evaluation import (
    METRICS,
    Evaluator,
    Ranks,
    bootstrap_interval,
    compare,
    evaluate,
    hit_rate,
    sign_flip_test,
    welch_test,
)
from caser.models import MF, Popularity, build
from caser.models.mf import MFConfig
from caser.models.popularity import PopularityConfig
from caser.study import Shuffled
from tests.caser.conftest import make_dataset


class Coarse(MF):
    """MF whose scores are rounded, so that ties happen."""

    def scores(self, users, sequences, items=None):
        return (super().scores(users, sequences, items) * 4).round()


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(0)
    rows = [(u, i + 1, t) for u in range(40) for t, i in enumerate(rng.permutation(30)[: rng.integers(2, 15)])]
    return split(make_dataset(rows, 30))


@pytest.fixture(scope="module")
def model(parts):
    torch.manual_seed(0)
    return Coarse(MFConfig(d=4), parts.dataset.n_users, parts.dataset.n_items)


def naive(model, parts, stage):
    """The definition, a user and an item at a time."""
    for user in parts.evaluated:
        history = set(parts.history(user, stage).tolist())
        target = int(parts.item[parts.end(stage)[user]])
        scores = model.eval().scores(torch.tensor([user]), torch.zeros(1, 0, dtype=torch.int64))[0].tolist()
        others = [scores[i] for i in range(parts.dataset.n_items) if i not in history and i != target]
        rank = sum(s > scores[target] for s in others) + sum(s == scores[target] for s in others) / 2
        yield rank, len(others) + 1


@pytest.mark.parametrize("stage", ["validation", "test"])
def test_ranks_are_the_naive_ones(model, parts, stage):
    ranks = evaluate(model, parts, stage)
    expected = list(naive(model, parts, stage))
    assert list(zip(ranks.rank, ranks.candidates, strict=True)) == expected
    assert (ranks.rank % 1 == 0.5).any()  # the example does have ties


def test_metrics_are_their_definitions(model, parts):
    ranks = evaluate(model, parts)
    assert list(ranks.metrics) == list(METRICS)
    for position, (rank, n) in enumerate(naive(model, parts, "test")):
        user = {name: values[position] for name, values in ranks.metrics.items()}
        assert user["hr@5"] == (rank < 5)
        assert user["ndcg@10"] == pytest.approx(1 / np.log2(rank + 2) if rank < 10 else 0)
        assert user["mrr"] == pytest.approx(1 / (rank + 1))
        assert user["auc"] == pytest.approx(1 - rank / (n - 1))
    assert ranks.hit_curve(20)[[0, 4, 9, 19]] == pytest.approx([ranks.means()[f"hr@{k}"] for k in (1, 5, 10, 20)])


def test_chunks_do_not_change_ranks(model, parts):
    evaluator = Evaluator(parts, "test")
    whole = evaluator(model).rank
    evaluator.step = 7
    assert np.array_equal(evaluator(model).rank, whole)


def test_a_subset_of_users_has_the_ranks_it_has_in_the_whole(model, parts):
    some = parts.evaluated[3::5]
    ranks = Evaluator(parts, "test", users=some)(model)
    assert np.array_equal(ranks.rank, evaluate(model, parts).rank[3::5])
    assert np.array_equal(ranks.users, some)


def test_a_perfect_and_a_hopeless_model_have_auc_one_and_zero(parts):
    perfect = Popularity(PopularityConfig(), parts.dataset.n_users, parts.dataset.n_items)
    target = parts.target("test")[:1]
    left = evaluate(perfect, parts).candidates[0]
    undefined = [f"hr@{k}" for k in (1, 5, 10, 20, 50) if left <= k]
    defined = [metric for metric in METRICS if metric not in undefined]
    only = Evaluator(parts, "test", users=parts.evaluated[:1])
    perfect.log_count[target] = 1
    expected = dict.fromkeys(defined, 1.0) | dict.fromkeys(undefined, np.nan)
    assert only(perfect).means() == pytest.approx(expected, nan_ok=True)
    perfect.log_count[target] = -1
    assert only(perfect).means()["auc"] == 0


def test_scores_that_are_not_finite_are_an_error_not_a_perfect_rank(model, parts):
    broken = MF(MFConfig(d=4), parts.dataset.n_users, parts.dataset.n_items)
    torch.nn.init.constant_(broken.item_bias, torch.nan)
    with pytest.raises(ValueError, match="not finite; train with a lower lr"):
        evaluate(broken, parts)


def test_evaluation_leaves_the_models_mode_alone(model, parts):
    for mode in (True, False):
        model.train(mode)
        evaluate(model, parts)
        assert model.training is mode


def test_intervals_hold_the_mean_and_narrow_with_users():
    rng = np.random.default_rng(0)
    few, many = rng.random((50, 1)), rng.random((5000, 1))
    assert bootstrap_interval(few)[0] < few.mean() < bootstrap_interval(few)[1]
    assert np.ptp(bootstrap_interval(many)) < np.ptp(bootstrap_interval(few)) / 5
    assert np.ptp(bootstrap_interval(many)) == pytest.approx(2 * 1.96 * many.std() / 5000**0.5, rel=0.15)


def ranks_of(values):
    return Ranks(np.arange(len(values)), np.array(values, dtype=float), np.full(len(values), 100))


def test_comparison_counts_wins_and_tests_the_paired_difference():
    better, worse = ranks_of([0] * 30 + [50] * 10), ranks_of([20] * 30 + [50] * 10)
    result = compare(better, worse, "hr@10")
    assert (result.wins, result.ties, result.losses) == (30, 10, 0)
    assert result.difference == pytest.approx(0.75)
    assert result.low < 0.75 < result.high
    assert result.p_value < 0.01
    assert compare(better, better, "auc").p_value == 1


def test_comparison_of_different_users_is_refused():
    with pytest.raises(ValueError, match="different users"):
        compare(ranks_of([1, 2]), ranks_of([1, 2, 3]))


def test_a_user_with_nothing_left_to_rank_is_counted_and_left_out():
    """Whatever the model, the only film left comes first."""
    ranks = Ranks(np.arange(4), np.array([0.0, 0, 3, 9]), np.array([1, 8, 8, 100]))
    assert ranks.means()["hr@5"] == 2 / 3
    assert ranks.means()["hr@50"] == 1.0
    assert ranks.means()["auc"] == pytest.approx((1 + 4 / 7 + 90 / 99) / 3)
    assert ranks.undefined() == {
        "hr@1": 1,
        "hr@5": 1,
        "hr@10": 3,
        "hr@20": 3,
        "hr@50": 3,
        "ndcg@10": 1,
        "mrr": 1,
        "auc": 1,
    }
    low, high = ranks.intervals()["hr@5"]
    assert low < 2 / 3 < high
    nothing = Ranks(np.arange(2), np.zeros(2), np.ones(2, int))
    assert np.isnan(nothing.means()["auc"])
    assert np.isnan(nothing.intervals()["auc"]).all()
    with pytest.raises(ValueError, match="choose a metric of a shorter list"):
        compare(nothing, nothing, "hr@50")


def test_ranks_of_some_users_are_theirs_and_of_others_are_refused():
    ranks = Ranks(np.array([1, 4, 6]), np.array([0.0, 2.5, 7.0]), np.array([9, 8, 10]))
    some = ranks.of(np.array([1, 6]))
    assert some.users.tolist() == [1, 6]
    assert some.rank.tolist() == [0.0, 7.0]
    assert some.candidates.tolist() == [9, 10]
    for missing in (2, 7):
        with pytest.raises(KeyError, match=f"user {missing} was not ranked"):
            ranks.of(np.array([1, missing]))


def test_one_more_metric_is_one_record(model, parts, monkeypatch):
    """From its rank to what is said of it, nothing else has to know of a metric."""
    monkeypatch.setitem(METRICS, "hr@3", hit_rate(3))
    ranks = evaluate(model, parts)
    mean = ranks.means()["hr@3"]
    assert mean == pytest.approx(ranks.hit_curve(3)[2])
    assert ranks.intervals()["hr@3"][0] <= mean <= ranks.intervals()["hr@3"][1]
    assert compare(ranks, ranks, "hr@3").difference == 0
    assert METRICS["hr@3"].label == "HR@3"
    assert METRICS["hr@3"].said(mean) == f"{mean:.1%}"


def test_many_pairs_are_tested_as_each_alone():
    rng = np.random.default_rng(0)
    difference = rng.normal(0.1, 1, (60, 3))
    alone = [sign_flip_test(column[:, None])[0] for column in difference.T]
    assert sign_flip_test(difference).tolist() == alone


def test_the_test_over_trainings_is_that_of_scipy():
    a, b = np.array([0.51, 0.53, 0.52, 0.55]), np.array([0.50, 0.49, 0.51])
    two = welch_test(a.mean() - b.mean(), [a.var(ddof=1), b.var(ddof=1)], [4, 3])
    assert two == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    fixed = welch_test(a.mean() - 0.5, [a.var(ddof=1), 0.0], [4, 1])
    assert fixed == pytest.approx(stats.ttest_1samp(a, 0.5).pvalue)
    assert np.isnan(welch_test(np.float64(0.1), [np.float64(0), np.float64(0)], [1, 1]))


def test_a_model_around_another_leaves_that_one_as_it_was(cinema_split):
    """Pages ask the inner one at the same time."""
    inner = build(preset("gru4rec").model, cinema_split.dataset.n_users, cinema_split.dataset.n_items).eval()
    outer = Shuffled(inner)
    evaluate(outer, cinema_split)
    assert outer.training
    assert not any(module.training for module in inner.modules())
