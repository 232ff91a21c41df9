"""Figures of one score, by what they hold, and the edits and clear cases behind them."""

from __future__ import annotations

import numpy as np
import pytest

from caser.dashboard import theme
from caser.dashboard.figures.recommend import rank_moves
from caser.dashboard.figures.recommend import score as score_figures
from caser.dashboard.names import no_film
from caser.evaluation import Ranks, evaluate
from caser.explain import edits as what_if
from caser.explain.counterfactual import order_effect, shapley
from caser.explain.explanation import contributions, parts, weigh
from caser.field import cases as why_cases
from caser.models import ANONYMOUS
from caser.recommend import rank_all
from tests.caser.explained import N_ITEMS, L, caser, order_blind, score

HISTORY = [1, 2, 3, 4]
FILMS = ["Alien", "Aliens", "Jaws", "Big"]
ITEM = 7


def title(figure) -> str:
    return figure.layout.title.text


@pytest.mark.parametrize("history", [HISTORY, [5, 9], []])
def test_the_waterfall_adds_up_to_the_score(history):
    model = caser()
    films = [no_film()] * (L - len(history)) + FILMS[: len(history)]
    found = contributions(model, ANONYMOUS, history, ITEM)
    called = {"user": "a new visitor's part", "network": "the network", "constant": "its own"}
    steps = score_figures.contribution_steps(found, films, called)
    figure = score_figures.waterfall(steps, "Jaws", score_figures.contribution_title(steps, found.total))
    *added, total = figure.data[0].x
    assert sum(added) == pytest.approx(total, abs=1e-6)
    assert total == pytest.approx(score(model, ANONYMOUS, history, ITEM), abs=1e-4)
    assert list(figure.data[0].measure) == ["relative"] * len(added) + ["total"]
    assert not any(no_film() in step for step in steps)
    assert "a new visitor's part" in steps


def test_the_title_names_what_moved_the_score_most_be_it_a_film_or_not():
    assert score_figures.contribution_title({"1 · Jaws": 0.5, "who is watching": -0.7}, -0.2) == (
        "Who is watching moved the score most (-0.70 of -0.20)"
    )
    assert score_figures.contribution_title({"1 · Jaws": 0.9, "who is watching": -0.7}, 0.2).startswith(
        "1 · Jaws moved"
    )
    assert score_figures.contribution_title({}, 0.0) == "Nothing moves this score"


def test_shapley_bars_leave_padding_out():
    found = shapley(caser(), 1, [3, 4], ITEM)
    figure = score_figures.shapley(found, [no_film(), no_film(), "Jaws", "Big"], "Alien")
    assert list(figure.data[0].y) == ["3 · Jaws", "4 · Big"]
    assert sum(figure.data[0].x) == pytest.approx(found.full - found.empty, abs=1e-6)


def test_films_that_tie_are_drawn_apart_and_their_rank_is_said():
    tied = np.array([1.5, 1.5, 3.0])
    figure = rank_moves.rank_moves(rank_moves.moves(tied, np.array([1.0, 2, 3]), FILMS, 2), 2, "Untied")
    heights = [y for line in figure.data for y in line.y[::3]]
    assert sorted(heights) == [1, 2]
    assert "<b>1.5</b>" in figure.data[0].text[0]


def test_moves_hold_everything_listed_before_or_after():
    before, after = np.array([1.0, 2, 3, 4]), np.array([1.0, 4, 2, 3])
    found = rank_moves.moves(before, after, FILMS, 2)
    assert [(m.film, m.before, m.after) for m in found] == [("Alien", 1, 1), ("Aliens", 2, 4), ("Jaws", 3, 2)]
    figure = rank_moves.rank_moves(found, 2, "Without Big")
    assert title(figure) == "Without Big: 1 of 2 films move; 1 new in the list; Aliens falls most, from 2 to 4"
    drawn = {line.line.color: (list(line.y), line.text[1]) for line in figure.data}
    assert drawn[theme.POSITIVE] == ([3, 2, None], " <b>2</b> ▲ Jaws")
    assert drawn[theme.NEGATIVE] == ([2, 3, None], " <b>4</b> ▼ Aliens")
    assert drawn[theme.NEUTRAL] == ([1, 1, None], " <b>1</b> = Alien")


def test_a_list_that_stays_is_said_to_stay():
    same = np.array([1.0, 2, 3])
    figure = rank_moves.rank_moves(rank_moves.moves(same, same, FILMS, 2), 2, "As it is")
    assert title(figure) == "As it is: the first 2 stay as they are"


def test_a_film_that_leaves_the_ranking_is_drawn_and_named():
    found = rank_moves.moves(np.array([1.0, 2]), np.array([np.inf, 1]), FILMS, 2)
    figure = rank_moves.rank_moves(found, 2, "With Alien for Big")
    assert "Alien falls most, from 1 to not ranked" in title(figure)
    assert all(np.isfinite(y) for line in figure.data for y in line.y if y is not None)


def test_parts_are_stacked_in_the_order_as_weighed_and_can_be_clicked():
    found, labels = parts(caser(), 1, HISTORY), [f"Film {i}" for i in range(N_ITEMS)]
    weighed = weigh(found, 1.0)
    before, after = rank_all(found.scores), rank_all(weighed.scores)
    figure = score_figures.who_and_what(weighed, (before, after), labels, 3, "With all", "who is watching")
    items = list(figure.data[0].customdata)
    assert items == np.argsort(after, kind="stable")[:3].tolist()
    assert sum(np.array(bar.x) for bar in figure.data) == pytest.approx(weighed.scores[items], abs=1e-5)
    assert all(list(bar.customdata) == items for bar in figure.data)
    assert len({bar.marker.pattern.shape for bar in figure.data}) == 4
    for item, label in zip(items, figure.data[0].y, strict=True):
        assert ("▲" in label, "▼" in label) == (after[item] < before[item], after[item] > before[item])
    as_trained = score_figures.who_and_what(found, (before, before), labels, 3, "As trained", "who is watching")
    assert title(as_trained).startswith("As trained: scores come mostly from ")


def test_what_is_not_ranked_is_not_listed():
    found, none = parts(caser(), 1, HISTORY), np.full(N_ITEMS, np.inf)
    figure = score_figures.who_and_what(found, (none, none), [""] * N_ITEMS, 3, "As trained", "who is watching")
    assert title(figure) == "No film is listed"


# ---- edits


def test_a_shuffle_changes_the_order_and_nothing_else():
    rng = np.random.default_rng(0)
    films = (9, 9, 4, 5)
    shuffled = what_if.shuffled(films, 9, rng)
    assert shuffled == (9, 9, 5, 4)
    assert what_if.shuffled((9, 9, 9, 4), 9, rng) == (9, 9, 9, 4)


def test_the_last_place_has_no_next():
    assert what_if.swapped((1, 2, 3), 2) == (1, 2, 3)


def test_a_model_reads_its_window():
    model = caser()
    assert what_if.read(model, [5, 1, 2, 3, 4]) == (1, 2, 3, 4)
    assert what_if.read(model, [5]) == (N_ITEMS, N_ITEMS, N_ITEMS, 5)
    assert what_if.read(order_blind()[0], [5]) == ()


# ---- clear cases


def test_clear_cases_are_what_they_are_named_for(cinema_split):
    from caser.models import build
    from caser.models.caser import CaserConfig

    model = build(CaserConfig(d=8, n_h=4, n_v=2), cinema_split.dataset.n_users, cinema_split.dataset.n_items).eval()
    own = evaluate(model, cinema_split, "test")
    other = Ranks(own.users, own.candidates - 1.0, own.candidates)
    found = {case.effect: case for case in why_cases.cases(model, cinema_split, own, other)}
    assert set(found) == {why_cases.ORDER, why_cases.CONCENTRATION, why_cases.GAIN}
    gained = found[why_cases.GAIN]
    assert own.rank[gained.user] < 10
    assert gained.item == cinema_split.target("test")[gained.user]
    case = found[why_cases.ORDER]
    assert order_effect(model, case.user, cinema_split.history(case.user), case.item).effect > 0
    assert why_cases.GAIN not in {case.effect for case in why_cases.cases(model, cinema_split, own, None)}


def test_a_model_without_a_sequence_has_no_clear_case_of_order(cinema_split):
    from caser.models import build
    from caser.models.mf import MFConfig

    model = build(MFConfig(d=4), cinema_split.dataset.n_users, cinema_split.dataset.n_items).eval()
    assert why_cases.cases(model, cinema_split, evaluate(model, cinema_split, "test"), None) == ()
