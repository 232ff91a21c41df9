import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from caser import cli, data
from caser.config import preset
from caser.data.dataset import split
from caser.models import ANONYMOUS, ease
from caser.models.ease import Ease, EaseConfig
from caser.training import cost
from caser.training.loop import fit

N = 7
HISTORIES = [[0, 1, 2, 3, 1], [4, 2, 0], [5], [3, 2, 4, 5, 0], [], [1, 4, 3]]
CHANGES = {"L": 1, "penalty": 20.0, "tau": 0.5}


def made(**settings):
    model = Ease(EaseConfig(**{"L": 3, "penalty": 2.0, "tau": 4.0} | settings), len(HISTORIES), N).eval()
    users = [user for user, items in enumerate(HISTORIES) for _ in items]
    model.observe(torch.tensor(users), torch.tensor([item for items in HISTORIES for item in items]))
    return model


def solved(penalty):
    """Each column by a ridge regression of its own on all the other columns."""
    x = np.zeros((len(HISTORIES), N))
    for user, items in enumerate(HISTORIES):
        x[user, items] = 1
    weights = np.zeros((N, N))
    for j in range(N):
        others = [i for i in range(N) if i != j]
        gram = x[:, others].T @ x[:, others] + penalty * np.eye(N - 1)
        weights[others, j] = np.linalg.solve(gram, x[:, others].T @ x[:, j])
    return torch.tensor(weights, dtype=torch.float32)


@pytest.mark.parametrize("cells", [1 << 24, 2 * N, 1])
@pytest.mark.parametrize("penalty", [1.0, 30.0])
def test_the_closed_form_solves_every_columns_regression(penalty, cells, monkeypatch):
    """However few users are held at once; watched twice counts once."""
    monkeypatch.setattr(ease, "CELLS", cells)
    torch.testing.assert_close(made(penalty=penalty).weights.float(), solved(penalty), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("tau", [0.0, 1.5])
def test_scores_weigh_what_was_watched_by_its_age(tau):
    scores = made(tau=tau).scores(torch.tensor([0, ANONYMOUS]), torch.tensor([[5, 0, 3, 2], [N, N, N, 4]]))
    age = np.exp(-np.arange(3) / tau) if tau else np.ones(3)
    B = solved(2.0)
    expected = torch.stack([age[0] * B[2] + age[1] * B[3] + age[2] * B[0], B[4]])
    torch.testing.assert_close(scores, expected, atol=1e-3, rtol=1e-3, check_dtype=False)


def test_an_item_says_nothing_of_itself():
    assert not made().weights.diagonal().any()


def test_order_is_read_only_where_age_has_a_weight():
    assert made().reads_order
    assert not made(tau=0.0).reads_order
    assert not made(L=1).reads_order


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(EaseConfig)])
def test_every_setting_takes_effect(name):
    sequence = torch.tensor([[4, 2, 1]])
    old, new = (m.scores(torch.tensor([0]), sequence) for m in (made(), made(**{name: CHANGES[name]})))
    assert not torch.allclose(old, new, rtol=1e-2)


def test_the_command_line_says_so_in_one_line(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "memory", lambda: 100_000.0)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    for command in (["train", "--name", "x"], ["tune", "--journal", str(tmp_path / "j")]):
        assert cli.main([*command, "--dataset", "cinema", "--model", "ease"]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "the ease model would need up to" in err
        assert "use the covisit model" in err
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_solved_is_an_error_with_a_remedy():
    model = made()
    model.config = SimpleNamespace(penalty=-9.0)
    with pytest.raises(ValueError, match="penalty -9; give a larger one"):
        model.observe(torch.tensor([0, 0]), torch.tensor([1, 2]))


def test_half_precision_keeps_the_metrics():
    """Against the same weights in full."""
    if not data.available("ml-100k"):
        pytest.skip("ml-100k is not on this machine; set CASER_DATA_DIR to a folder that holds it")
    found = fit(split(data.load("ml-100k")), preset("ease").replace(penalty=600.0, tau=10.0, refit=False)).validation
    full = {"hr@10": 0.2206, "hr@50": 0.5133, "ndcg@10": 0.1205, "auc": 0.8919}
    assert {name: found[name] for name in full} == pytest.approx(full, abs=1.2e-3)
