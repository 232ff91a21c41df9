"""One table of standings: one p-value a pair, trainings before viewers, and words that say no more than that."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from caser.checkpoint import Checkpoint
from caser.evaluation import METRICS, Ranks, compare, holm
from caser.field.entrants import Entrant, screen_names
from caser.field.standings import Pair, Significance, Standing, Standings, standings
from caser.field.verdict import pair_verdict, verdict

USERS = 300


def ranks(hits: int) -> Ranks:
    """So many users of 300 are hit by a list of 50."""
    return Ranks(np.arange(USERS), np.where(np.arange(USERS) < hits, 0.0, 80.0), np.full(USERS, 200))


def entrant(name: str, *hits: int, learns: bool = True) -> Entrant:
    """A model shown in its first training."""
    seeds = {seed: ranks(count) for seed, count in enumerate(hits)} if len(hits) > 1 else {}
    return Entrant(name, name.lower(), ranks(hits[0]), seeds, learns)


def test_a_pair_is_corrected_for_all_pairs_whichever_is_asked():
    models = [entrant("A", 160), entrant("B", 150), entrant("C", 100)]
    table = standings(models, "hr@50")
    alone = [
        compare(one.ranks, other.ranks, "hr@50").p_value
        for one, other in ((0, 1), (0, 2), (1, 2))
        for one, other in [(models[one], models[other])]
    ]
    expected = holm(alone)
    for (one, other), p_value, corrected in zip((("A", "B"), ("A", "C"), ("B", "C")), alone, expected, strict=True):
        test, turned = table.pair(one, other).over_users, table.pair(other, one).over_users
        assert (test.p_value, test.p_corrected) == (p_value, corrected)
        assert (turned.p_corrected, turned.difference) == (corrected, -test.difference)
    again = standings(models[::-1], "hr@50")
    assert again.pair("B", "C").over_users == table.pair("B", "C").over_users


def test_trainings_decide_where_both_have_three():
    """The best of A's trainings is level with B's; over all of them A is behind."""
    a, b = [150, 120, 121, 122], [150, 149, 151]
    table = standings([entrant("A", *a), entrant("B", *b)], "hr@50")
    pair = table.pair("A", "B")
    expected = stats.ttest_ind(np.array(a) / USERS, np.array(b) / USERS, equal_var=False).pvalue
    assert pair.over_users.p_value == 1
    assert pair.decisive is pair.over_trainings
    assert pair.decisive.p_value == pytest.approx(expected)
    assert [one.name for one in table.rows] == ["B", "A"]
    assert standings([entrant("A", 150, 120), entrant("B", *b)], "hr@50").pair("A", "B").over_trainings is None


def test_a_counted_model_is_a_fixed_number():
    a = [150, 120, 121, 122]
    counted = [entrant("EASE", 110, learns=False), entrant("Popularity", 60, learns=False)]
    table = standings([entrant("A", *a), *counted], "hr@50")
    expected = stats.ttest_1samp(np.array(a) / USERS, 110 / USERS).pvalue
    assert table.pair("A", "EASE").decisive.p_value == pytest.approx(expected)
    assert table.pair("EASE", "Popularity").over_trainings is None
    assert "one training" not in verdict(table)


def test_two_models_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two models are called 'A'"):
        standings([entrant("A", 10), entrant("A", 20)], "hr@50")


def test_a_checkpoint_knows_of_no_further_trainings_unless_it_says_so():
    assert Checkpoint(None, None, {}).seeds == {}


def named(name: str, kind: str) -> Checkpoint:
    config = SimpleNamespace(model=SimpleNamespace(name=kind))
    return Checkpoint(SimpleNamespace(config=config, dataset="cinema", name=name), None, {})


@pytest.mark.parametrize(
    ("models", "names"),
    [
        ({"cinema-caser": "caser", "cinema-mf": "mf"}, ["Caser", "MF"]),
        ({"a": "caser", "cinema-mf": "mf"}, ["Caser", "MF"]),
        ({"cinema-caser": "caser", "cinema-caser-seed": "caser"}, ["Caser", "Caser (chapter)"]),
        ({"a": "caser", "b": "caser"}, ["a", "b"]),
        ({"Caser": "mf", "cinema-caser": "caser"}, ["MF", "cinema-caser"]),
    ],
)
def test_of_several_of_one_kind_the_usual_one_goes_by_its_kind(models, names):
    assert screen_names([named(*one) for one in models.items()]) == names


# ---- in words


def table(*values: float, level: tuple[str, ...] = (), trainings: int = 0, **kinds: str) -> Standings:
    """Models A, B, C ... of these values, of which those pairs in `level` ("AB") do not differ significantly."""
    names = "ABCDEFGH"[: len(values)]
    rows = tuple(
        Standing(name, kinds.get(name, "gru4rec"), value, value, value, (value,) * trainings)
        for name, value in zip(names, values, strict=True)
    )
    pairs = {}
    for at, one in enumerate(rows):
        for other in rows[at + 1 :]:
            p_value = 0.5 if one.name + other.name in level else 0.001
            test = Significance(one.mean - other.mean, p_value, p_value)
            pairs[one.name, other.name] = Pair(test, test if trainings else None)
    return Standings(METRICS["hr@50"], rows, pairs)


def test_the_verdict_is_in_viewers_and_names_whom_everybody_knows():
    assert verdict(table(0.5, trainings=3)) == "With a list of 50, A finds the next film for 50 of 100 viewers"
    assert verdict(table(0.53, 0.507, 0.36, 0.21, trainings=3, C="mf", B="sasrec", D="popularity")) == (
        "With a list of 50, A finds the next film for 53 of 100 viewers, more than any other model. "
        "The usual method (C) finds 36"
    )
    assert verdict(table(0.53, 0.507, 0.36, trainings=3, B="covisit", C="mf")) == (
        "With a list of 50, A finds the next film for 53 of 100 viewers, more than any other model. "
        "Simply counting (B) finds 51, the usual method (C) 36"
    )
    assert verdict(table(0.53, 0.2, 0.1, trainings=3, B="popularity", C="popularity")).endswith("model. B finds 20")


def test_models_are_too_close_to_call_only_where_that_holds_over_trainings():
    assert verdict(table(0.57, 0.56, level=("AB",), trainings=3)) == (
        "With a list of 50, A finds the next film for 57 of 100 viewers, B for 56: too close to call"
    )
    assert verdict(table(0.57, 0.56, 0.55, level=("AB", "AC", "BC"), trainings=3)) == (
        "With a list of 50, A finds the next film for 57 of 100 viewers, B for 56 and C for 55: too close to call"
    )
    assert verdict(table(0.5, 0.49, level=("AB",))) == (
        "With a list of 50, A finds the next film for 50 of 100 viewers. Its lead over B (49) may be chance. "
        "Tested on one training of each trained model, so another may change this"
    )
    assert verdict(table(0.5, 0.49, 0.48, level=("AB", "AC"), trainings=3)) == (
        "With a list of 50, A finds the next film for 50 of 100 viewers. Its lead over B (49) and C (48) may be chance"
    )


def test_many_models_are_counted():
    level = tuple("A" + name for name in "BCDEF")
    assert verdict(table(*[0.5] * 6, 0.4, level=level, trainings=3, G="mf")) == (
        "With a list of 50, A finds the next film for 50.0 of 100 viewers. Its lead over five models may be chance. "
        "The usual method (G) finds 40.0"
    )
    level = ("AB", "AC", "AD", "BC", "BD", "CD")
    assert verdict(table(0.53, 0.52, 0.51, 0.5, level=level, trainings=3)) == (
        "With a list of 50, each of four models finds the next film for 50 to 53 of 100 viewers: too close to call"
    )


def test_only_what_differs_from_every_leader_is_set_below_them():
    """C is behind A for sure, but not behind B, which is level with A."""
    said = verdict(table(0.57, 0.56, 0.55, 0.4, level=("AB", "BC"), trainings=3, C="covisit", D="mf"))
    assert said.endswith("B for 56: too close to call. The usual method (D) finds 40")
    assert verdict(table(0.57, 0.56, 0.55, level=("AB", "BC"), trainings=3, C="mf")).endswith("too close to call")


def test_models_that_differ_never_have_the_same_number():
    said = verdict(table(0.574, 0.571, trainings=3, B="covisit"))
    assert "for 57.4 of 100" in said
    assert said.endswith("Simply counting (B) finds 57.1")


def test_other_metrics_are_said_as_what_they_are():
    models = [entrant("A", 160, 161, 162), entrant("MF", 100, 101, 102)]
    assert verdict(standings(models, "hr@1")).startswith("With a list of one, A finds the next film for 54 of 100")
    assert verdict(standings(models, "auc")) == (
        "A ranks the next film above 81 of 100 others, more than any other model. The usual method (MF) reaches 73"
    )
    assert verdict(standings(models, "mrr")).startswith("A reaches MRR .5")


def test_a_model_with_trainings_has_an_interval_over_both():
    (row,) = standings([entrant("A", 150, 120, 180)], "hr@50").rows
    (single,) = standings([entrant("A", 150)], "hr@50").rows
    assert row.mean == pytest.approx(0.5)
    assert row.low < single.low < single.mean < single.high < row.high


def test_a_pair_says_which_test_decides():
    assert pair_verdict(table(0.5, 0.49, level=("AB",)), "B", "A") == (
        "B is 1.0 points below A on HR@50. That may be chance: p = .500 (paired test, on one training)"
    )
    assert pair_verdict(table(0.5, 0.4, trainings=3), "A", "B") == (
        "A is 10.0 points above B on HR@50, as a mean over trainings. That is significant: p = .001 (Welch's test). "
        "For the trainings shown: +10.0 points, p = .001 (paired test)"
    )
