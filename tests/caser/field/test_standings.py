"""One table of standings: one p-value a pair, trainings before viewers, and words that say no more than that."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from caser.checkpoint import Checkpoint
from caser.evaluation import METRICS, Ranks, compare, holm
from caser.field.entrants import Entrant
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


# ---- in words


def table(*values: float, level: tuple[str, ...] = (), trainings: int = 0, **kinds: str) -> Standings:
    """Models A, B, C ... of these values, of which those pairs in `level` ("AB") do not differ significantly."""
    names = "ABCDEFGH"[: len(values)]
    rows = tuple(
        Standing(name, kinds.get(name, "mf"), value, value, value, (value,) * trainings)
        for name, value in zip(names, values, strict=True)
    )
    pairs = {}
    for at, one in enumerate(rows):
        for other in rows[at + 1 :]:
            p_value = 0.5 if one.name + other.name in level else 0.001
            test = Significance(one.value - other.value, p_value, p_value)
            pairs[one.name, other.name] = Pair(test, test if trainings else None)
    return Standings(METRICS["hr@50"], rows, pairs)


def test_the_verdict_names_who_leads_who_follows_and_who_is_last():
    assert verdict(table(0.5, trainings=3)) == "A: HR@50 50.0%"
    assert verdict(table(0.53, 0.507, 0.36, 0.21, trainings=3, D="popularity")) == (
        "A leads on HR@50. B follows, 2.3 points lower; C and D are last"
    )
    assert verdict(table(0.5, 0.4, 0.39, 0.2, level=("BC",), trainings=3)) == (
        "A leads on HR@50. B and C follow, 10.0 to 11.0 points lower; D is last"
    )


def test_models_are_too_close_to_call_only_where_that_holds_over_trainings():
    assert verdict(table(0.5, 0.49, level=("AB",), trainings=3)) == "A and B are too close to call on HR@50"
    assert verdict(table(0.5, 0.49, level=("AB",))) == (
        "A leads on HR@50; B does not differ significantly from it. Tested on one training of each trained model"
    )
    assert verdict(table(0.5, 0.49, 0.48, level=("AB", "AC"), trainings=3)) == (
        "A leads on HR@50; B and C do not differ significantly from it"
    )


def test_many_models_are_counted():
    level = tuple("A" + name for name in "BCDEF")
    assert verdict(table(*[0.5] * 6, 0.4, level=level, trainings=3)) == (
        "A leads on HR@50; five models do not differ significantly from it. G follows, 10.0 points lower"
    )


def test_a_pair_says_which_test_decides():
    assert pair_verdict(table(0.5, 0.49, level=("AB",)), "B", "A") == (
        "B is 1.0 points below A on HR@50. That may be chance: p = .500 (paired test, on one training)"
    )
    assert pair_verdict(table(0.5, 0.4, trainings=3), "A", "B") == (
        "A is 10.0 points above B on HR@50, as a mean over trainings. That is significant: p = .001 (Welch's test). "
        "For the trainings shown: +10.0 points, p = .001 (paired test)"
    )
