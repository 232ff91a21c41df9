"""The leaderboard and what stands beside it: titles that say no less and no more than the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from caser.dashboard import theme
from caser.dashboard.figures.compare import beyond, field, protocols
from caser.evaluation import METRICS
from caser.field.lists import Lists
from caser.field.protocols import Reading
from caser.field.standings import Pair, Significance, Standing, Standings

CASER = Standing("Caser", "caser", 0.53, 0.51, 0.55, (0.53, 0.52, 0.54))
MF = Standing("MF", "mf", 0.36, 0.34, 0.38)
LOOKS = {one.name: theme.look(one.kind) for one in (CASER, MF)}
SURE = Pair(Significance(0.17, 0.001, 0.001))


def test_rows_hold_the_means_intervals_and_trainings():
    figure = field.leaderboard(Standings(METRICS["hr@50"], (CASER, MF), {("Caser", "MF"): SURE}), LOOKS)
    assert list(figure.layout.yaxis.ticktext) == ["Caser", "MF"]
    assert figure.layout.title.text.startswith("Caser leads on HR@50. MF follows, 17.0 points lower")
    assert figure.data[0].x[0] == pytest.approx(0.53)
    assert figure.data[0].error_x.array[0] == pytest.approx(0.02)
    assert figure.data[0].text[0] == "<b>53.0%</b> · 3 trainings 53.0% ± 1.0"
    assert figure.data[1].text[0] == "<b>36.0%</b> · one training"
    assert list(figure.data[2].x) == [0.53, 0.52, 0.54]
    counted = Standing("EASE", "ease", 0.4, 0.3, 0.5, learns=False)
    assert field.trainings_said(counted, METRICS["hr@50"]) == "· counted"


def test_every_kind_of_model_has_a_look_of_its_own():
    kinds = ("popularity", "covisit", "ease", "mf", "neumf", "gru4rec", "caser", "sasrec", "bert4rec")
    looks = [theme.look(kind) for kind in kinds]
    for part in ("hue", "symbol", "dash", "sign"):
        assert len({getattr(look, part) for look in looks}) == len(kinds)


def test_protocols_name_the_ends():
    found = [Reading("all unseen films", 0.24, 0.2, 0.3), Reading("100 drawn", 0.75, 0.7, 0.8)]
    figure = protocols.chart(found, "Caser", "hr@10")
    expected = "The same Caser, two numbers: HR@10 from 24.0% (all unseen films) to 75.0% (100 drawn)"
    assert figure.layout.title.text == expected
    assert np.allclose(figure.data[0].x, [0.24, 0.75])
    assert protocols.chart(found[:1], "Caser", "hr@10").layout.title.text.endswith("under every protocol measured")


def test_coverage_names_who_shows_most_and_who_lists_what_is_known():
    lists = {"MF": Lists(0.3, 90, 2.0), "Popularity": Lists(0.05, 400, 1.0)}
    title = beyond.coverage(lists, {name: theme.look(name.lower()) for name in lists}, 10).layout.title.text
    assert (
        title
        == "MF shows 30% of the films to at least one viewer, Popularity 5%; Popularity lists the best-known films"
    )


NOBODY = Standings(METRICS["mrr"], (), {})


@pytest.mark.parametrize(
    "figure", [field.leaderboard(NOBODY, {}), protocols.chart([], "Caser", "mrr"), beyond.coverage({}, {}, 10)]
)
def test_nothing_gives_an_empty_figure(figure):
    assert figure.layout.annotations[0].text == "Nothing to show"
