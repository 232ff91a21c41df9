"""The chapter, line by line: what is shown is what runs and what the model at hand computes."""

import math
import re

import numpy as np
import pytest

from caser import checkpoint, data
from caser.dashboard.chapter import text
from caser.data.dataset import split
from caser.evaluation import evaluate
from caser.models import Caser
from caser.training.losses import bpr_loss


def links(app) -> dict[str, str]:
    return {link.proto.label: f"{link.proto.page}?{link.proto.query_string}" for link in app.get("page_link")}


def test_formulas_stand_beside_the_code_that_runs(open_page, read):
    app = open_page("chapter")
    assert read(app).count("$$") >= 10
    shown = "\n".join(block.value for block in app.code)
    for function in (Caser.horizontal_responses, Caser.hidden_vector, bpr_loss):
        assert text.source(function) in shown
    assert "F.softplus(negative - positive[..., None]).mean(2)" in shown
    assert "Rendle" not in shown  # docstrings are left out


def test_names_and_values_of_the_model_are_shown(open_page, read):
    said = read(open_page("chapter"))
    assert "| `d_prime`, $d'$ | `n_v` |" in said
    assert r"L = 5, d = 16, n\_h = 4, n\_v = 2" in said


def test_one_viewer_adds_up_to_what_is_shown(open_page, read):
    said = read(open_page("chapter", user="3"))
    ranks = evaluate(checkpoint.load("cinema-caser").model, split(data.load("cinema")))
    at = int(np.flatnonzero(ranks.users == data.load("cinema").user_index(3))[0])
    rank, others = ranks.rank[at] + 1, ranks.candidates[at] - 1
    assert f"ranks it **{rank:g}** of {others + 1:,} films" in said
    assert f"Hit in the first 50: **{int(rank <= 50)}**" in said
    assert f"others are below: **{(others + 1 - rank) / others:.3f}**" in said
    assert f"HR@50 **{100 * ranks.means()['hr@50']:.1f}%**" in said


def test_the_loss_follows_from_the_two_scores_and_another_negative_can_be_drawn(open_page, read):
    app = open_page("chapter", user="3")
    before = read(app)
    difference, loss = re.search(r"log σ\(([-+.\d]+)\) = \*\*([.\d]+)\*\*", before).groups()
    assert float(loss) == pytest.approx(math.log1p(math.exp(-float(difference))), abs=0.01)
    next(button for button in app.button if button.label == "Draw another").click().run()
    assert not app.exception
    assert read(app) != before


def test_exercises_lead_to_the_answer_or_give_the_command(open_page, read):
    app = open_page("chapter", user="3")
    assert "`python -m caser study cinema-caser --vary L=3,5,9`" in read(app)
    assert "--name cinema-caser-1 --preset chapter --loss bce`" in read(app)  # it was trained without negatives
    session = links(app)["Session-based: the same films, nobody known"]
    assert session.startswith("recommend")
    assert "sequence=" in session


def test_without_the_chapters_model_its_command_is_given(open_page, read):
    assert "--preset chapter --seeds 5" in read(open_page("chapter"))


def test_a_model_without_filters_leads_to_one_that_has_them(open_page, read):
    app = open_page("chapter", model="cinema-mf")
    assert "The chapter is about Caser" in read(app)
    assert "model=cinema-caser" in links(app)["Read it with cinema-caser"]
