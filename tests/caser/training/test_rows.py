"""Tables of which only the rows read are moved end where dense steps of Adam would have taken them."""

import copy

import pytest
import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from caser import data
from caser.config import preset
from caser.data.dataset import split
from caser.models import build
from caser.training.loop import Phase, fit
from caser.training.rows import RowAdam, large_tables
from caser.training.schedule import cosine

ITEMS, USERS, STEPS, LR = 600, 500, 300, 7.5e-3


class Twins:
    """The same model trained row by row and by dense steps, on the same draws."""

    def __init__(self, **changes):
        torch.manual_seed(0)
        plain = {"d": 8, "dropout": 0.0, "batch_size": 2, "pool": 1, "lr": LR, "weight_decay": 0.0, "ema": 0.0}
        self.config = preset("mf").replace(**plain | changes)
        self.rows = build(self.config.model, USERS, ITEMS).train()
        self.dense = copy.deepcopy(self.rows)
        self.ema = self.config.training.ema
        self.kept = copy.deepcopy(self.rows) if self.ema else self.rows
        self.average = copy.deepcopy(self.dense)
        self.by_rows = RowAdam(self.rows, self.kept, self.config, pool=1)
        self.by_all = torch.optim.Adam(
            [self.dense.items.weight, self.dense.users.weight],
            weight_decay=self.config.training.weight_decay,
            decoupled_weight_decay=self.config.training.decoupled,
        )
        self.targets = torch.randn(ITEMS, 8)

    def step(self, number: int, ids: torch.Tensor, lr: float) -> None:
        noise = torch.randn(len(ids), 8)
        for model in (self.rows, self.dense):
            read = model.items(ids) + model.users(ids % USERS)
            ((read - self.targets[ids] + noise) ** 2).sum().backward()
        self.by_all.param_groups[0]["lr"] = lr
        self.by_all.step()
        self.by_all.zero_grad()
        self.by_rows.step(lr)
        if self.ema:
            update = get_ema_multi_avg_fn(self.ema if number else 0.0)
            update(list(self.average.parameters()), list(self.dense.parameters()), number)

    def differ(self, table: str) -> tuple[float, float]:
        """By how much a table's weights differ at the most, and its averages."""
        self.by_rows.settle()
        pairs = (self.rows, self.dense), (self.kept, self.average) if self.ema else (self.rows, self.dense)
        return tuple(
            float((getattr(a, table).weight - getattr(b, table).weight).detach().abs().max()) for a, b in pairs
        )


DECAY = {"weight_decay": 0.93, "decoupled": True}


@pytest.mark.parametrize("changes", [{}, {"ema": 0.98}, DECAY, DECAY | {"ema": 0.98}, DECAY | {"ema": 0.999}])
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_rows_are_where_dense_steps_would_have_taken_them(changes, schedule):
    """Some are read in every step and some once in a hundred."""
    twins = Twins(**changes)
    for number in range(STEPS):
        share = cosine((number + 1) / 100, STEPS // 100) if schedule == "cosine" else 1.0
        twins.step(number, torch.randint(0, ITEMS, (40,)) ** 2 // ITEMS, LR * share)
    for table in ("items", "users"):
        weights, averages = twins.differ(table)
        assert weights < 2e-5
        assert averages < 1e-3  # of a rate that changes while a row moves the average is told roughly


def test_a_step_that_reads_every_row_is_adams():
    twins = Twins(weight_decay=1e-3)  # through the gradient
    for number in range(20):
        twins.step(number, torch.arange(ITEMS), LR)
    assert twins.differ("items")[0] < 1e-5


def test_a_state_goes_on_as_if_never_interrupted():
    twins, ids = Twins(**DECAY, ema=0.98), [torch.randint(0, ITEMS, (40,)) for _ in range(60)]
    for number in range(30):
        twins.step(number, ids[number], LR)
    twins.by_rows.settle()
    other = Twins(**DECAY, ema=0.98)
    other.rows.load_state_dict(twins.rows.state_dict())
    other.kept.load_state_dict(twins.kept.state_dict())
    other.by_rows.load_state_dict(copy.deepcopy(twins.by_rows.state_dict()))
    other.targets = twins.targets
    for one in (twins, other):
        torch.manual_seed(1)
        for number in range(30, 60):
            one.step(number, ids[number], LR)
        one.by_rows.settle()
    for a, b in ((twins.rows, other.rows), (twins.kept, other.kept)):
        torch.testing.assert_close(a.items.weight, b.items.weight)


def test_only_tables_that_a_step_reads_little_of_are_moved_by_row():
    tuned = preset("caser")
    few, many = build(tuned.model, 943, 1_682), build(tuned.model, 20_000, 40_000)
    assert large_tables(few, tuned, pool=1_682) == []
    assert large_tables(many, tuned, pool=40_000) == ["users"]  # all items compete
    assert large_tables(many, tuned, pool=2_048) == ["items", "users", "output"]
    assert large_tables(many, preset("caser", "chapter"), pool=40_000) == []  # of 4,096 windows


def test_a_phase_by_rows_trains_what_a_dense_one_does(monkeypatch):
    parts = split(data.load("cinema"))
    config = preset("mf").replace(
        d=8, batch_size=64, epochs=2, patience=0, refit=False, pool=20, ema=0.9, lr=0.01, **DECAY
    )
    by_rows = fit(parts, config).model
    monkeypatch.setattr("caser.training.rows.large_tables", lambda *_: [])
    dense = fit(parts, config).model
    assert not torch.equal(by_rows.users.weight, dense.users.weight)
    torch.testing.assert_close(by_rows.users.weight, dense.users.weight, atol=2e-3, rtol=0)
    torch.testing.assert_close(by_rows.items.weight, dense.items.weight, atol=2e-3, rtol=0)


def test_the_model_is_given_back_without_what_trained_it(cinema_split):
    config = preset("mf").replace(d=4, batch_size=16, epochs=1, refit=False, pool=5)
    phase = Phase(cinema_split, "validation", config, 0, torch.device("cpu"))
    assert [rows.table.sparse for rows in phase.rows.rows] == [True, True]
    model = fit(cinema_split, config).model
    assert not model.users.sparse
    assert model.users.on_read is None


def test_decay_of_untouched_rows_is_in_time(cinema_split):
    """A viewer's row that no step reads any more is as small as decay alone makes it."""
    twins = Twins(**DECAY)
    before = twins.rows.items.weight[599].detach().clone()
    for number in range(50):
        twins.step(number, torch.arange(20), LR)
    twins.by_rows.settle()
    torch.testing.assert_close(twins.rows.items.weight[599], before * (1 - LR * 0.93) ** 50)


def test_a_table_that_is_never_read_stays_as_it_is(cinema_split):
    """Caser without convolutions keeps the films' rows that they would read."""
    config = preset("caser").replace(n_h=0, n_v=0, tied=False, d=4, batch_size=4, T=1, pool=5, epochs=1, refit=False)
    phase = Phase(cinema_split, "validation", config, 0, torch.device("cpu"))
    assert phase.model.items in [rows.table for rows in phase.rows.rows]
    before = phase.model.items.weight.detach().clone()
    for batch in phase.positions[:40].split(4):
        phase.step(batch)
    phase.rows.settle()
    assert torch.equal(phase.model.items.weight, before)
