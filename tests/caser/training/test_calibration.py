"""Chances that are drawn from a model's own softmax come true, and a model that is too sure is given back its doubt."""

import numpy as np
import pytest
import torch

from caser.config import preset
from caser.data.dataset import split
from caser.models import Recommender
from caser.training.calibration import fit_temperature, reliability
from tests.caser.conftest import make_dataset

N_USERS, N_ITEMS = 3000, 40


class Sure(Recommender):
    """Knows the distribution that targets are drawn from, and multiplies its logits by `sureness`."""

    def __init__(self, logits, sureness):
        super().__init__(preset("popularity").model, N_USERS, N_ITEMS)
        self.L, self.logits = 1, torch.nn.Parameter(torch.as_tensor(logits * sureness, dtype=torch.float32))

    def scores(self, users, sequences, items=None):
        return self.logits[users]


@pytest.fixture(scope="module")
def drawn():
    """A split whose targets are drawn from known chances among unseen items, and the logits of those chances."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (N_USERS, N_ITEMS))
    rows = []
    for user in range(N_USERS):
        seen: list[int] = []
        for time in range(4):
            left = np.setdiff1d(np.arange(N_ITEMS), seen)
            p = np.exp(logits[user, left]) if time > 1 else np.ones(len(left))
            seen.append(int(rng.choice(left, p=p / p.sum())))
            rows.append((user, seen[-1] + 1, time))
    return split(make_dataset(rows, N_ITEMS)), logits


@pytest.mark.parametrize("sureness", [0.5, 1.0, 2.0])
def test_the_temperature_undoes_how_sure_a_model_is(drawn, sureness):
    parts, logits = drawn
    assert fit_temperature(Sure(logits, sureness), parts, "validation") == pytest.approx(sureness, rel=0.08)


def test_fitted_chances_hold_and_those_of_a_model_that_is_too_sure_do_not(drawn):
    parts, logits = drawn
    model = Sure(logits, 2.0)
    held = reliability(model, parts, fit_temperature(model, parts, "validation"))
    assert held.promised == pytest.approx(held.hit, abs=0.02)
    assert held.users == N_USERS
    assert sum(one.films for one in held.bins) == 10 * N_USERS
    assert [one.chance for one in held.bins] == pytest.approx([one.hit for one in held.bins], abs=0.02)
    unfitted = reliability(model, parts, 1.0)
    assert not unfitted.holds
    assert unfitted.promised > unfitted.high
    assert unfitted.hit == held.hit


def test_what_was_seen_has_no_chance(drawn):
    parts, logits = drawn
    seen = np.zeros_like(logits)
    for user in range(N_USERS):
        seen[user, parts.history(user, "test")] = 50.0  # sure of what cannot be listed
    held = reliability(Sure(logits + seen, 1.0), parts, 1.0)
    assert held.promised == pytest.approx(held.hit, abs=0.02)


def test_lists_that_hold_everything_have_no_temperature():
    rows = [(user, (user + time) % 5 + 1, time) for user in range(6) for time in range(4)]
    parts = split(make_dataset(rows, 5))
    model = Sure(np.zeros((N_USERS, 5)), 1.0)
    assert fit_temperature(model, parts, "validation") is None
