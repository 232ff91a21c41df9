"""All models beside each other: titles that say no less and no more than the numbers."""

from __future__ import annotations

import numpy as np
import pytest

from caser.dashboard import theme
from caser.dashboard.figures.compare import field, protocols
from caser.evaluation import METRICS
from caser.field.protocols import Reading
from caser.field.standings import Pair, Significance, Standing, Standings

CASER = Standing("Caser", "caser", 0.53, 0.51, 0.55, (0.53, 0.52, 0.54))
MF = Standing("MF", "mf", 0.36, 0.34, 0.38)
LOOKS = {one.name: theme.look(one.kind) for one in (CASER, MF)}
SURE = Pair(Significance(0.17, 0.001, 0.001))


def in_viewers(metric: str, *rows: Standing):
    return field.in_viewers(Standings(METRICS[metric], rows, {("Caser", "MF"): SURE}), LOOKS)


def test_bars_are_viewers_of_100_with_their_interval():
    figure = in_viewers("hr@50", CASER, MF)
    bars, numbers = figure.data
    assert figure.layout.title.text == "The film really watched next is among the first 50 for so many of 100 viewers"
    assert list(figure.layout.yaxis.ticktext) == ["Caser", "MF"]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first is on top
    assert list(bars.x) == [0.53, 0.36]
    assert bars.error_x.array == pytest.approx([0.02, 0.02])
    assert list(numbers.text) == ["<b>53</b> ± 2", "<b>36</b> ± 2"]
    assert all(x > row.high for x, row in zip(numbers.x, (CASER, MF), strict=True))
    assert figure.layout.xaxis.range[0] == 0
    assert bars.customdata[0].endswith("95 % interval 51.0% to 55.0%; mean of 3 trainings, 52.0% to 54.0%")
    assert bars.customdata[1].endswith("one training")


def test_bars_of_other_metrics_say_what_they_are():
    assert "is the first of the list for so many" in in_viewers("hr@1", CASER, MF).layout.title.text
    assert "ranks above so many of 100 others" in in_viewers("auc", CASER, MF).layout.title.text
    figure = in_viewers("mrr", CASER, MF)
    assert figure.layout.title.text == "MRR of every model, from 0"
    assert figure.data[1].text[0] == "<b>.530</b> ± .020"
    narrow = Standing("MF", "mf", 0.36, 0.359, 0.363)
    assert in_viewers("hr@10", narrow).data[1].text == ("<b>36</b> ± 0.2",)


def test_every_kind_of_model_has_a_look_of_its_own():
    kinds = ("popularity", "covisit", "ease", "mf", "neumf", "gru4rec", "caser", "sasrec", "bert4rec", "convformer")
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


NOBODY = Standings(METRICS["mrr"], (), {})


@pytest.mark.parametrize("figure", [field.in_viewers(NOBODY, {}), protocols.chart([], "Caser", "mrr")])
def test_nothing_gives_an_empty_figure(figure):
    assert figure.layout.annotations[0].text == "Nothing to show"
