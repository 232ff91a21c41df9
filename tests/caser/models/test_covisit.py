import dataclasses

import pytest
import torch

from caser import data
from caser.config import preset
from caser.data.dataset import split
from caser.evaluation import evaluate
from caser.models import ANONYMOUS, covisit
from caser.models.covisit import Covisit, CovisitConfig
from caser.training.loop import fit

N = 9
HISTORIES = [[0, 1, 2, 3, 1], [4, 2, 0], [5], [3, 2, 6, 7, 0, 4], []]


def made(**settings):
    model = Covisit(CovisitConfig(**{"L": 3, "window": 2, "kept": N} | settings), len(HISTORIES), N).eval()
    users = [user for user, items in enumerate(HISTORIES) for _ in items]
    model.observe(torch.tensor(users), torch.tensor([item for items in HISTORIES for item in items]))
    return model


def counted(config):
    """c_ij by the definition, one pair of places at a time."""
    count = torch.zeros(N, N)
    for items in HISTORIES:
        for a, i in enumerate(items):
            for b, j in enumerate(items):
                near = 0 < b - a <= config.window or (not config.directed and 0 < a - b <= config.window)
                if near and i != j:
                    count[i, j] += abs(a - b) ** -config.decay
    return count


def similarity(config):
    n = torch.bincount(torch.tensor([i for items in HISTORIES for i in items]), minlength=N).float()
    norm = (n + config.shrink) ** config.power
    return counted(config) / norm[:, None] / norm, n / n.max()


HALF = {"rtol": 2e-3, "atol": 1e-6}  # similarities are kept as 16-bit numbers


def stored(model):
    """The model's neighbours as a table."""
    return torch.zeros(N, N).scatter_add_(1, model.neighbours.long(), model.similarity.float())


@pytest.mark.parametrize("window", [1, 2, 7])
@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("pairs", [1 << 22, 20, 1])
def test_counts_are_those_of_a_plain_loop(window, directed, pairs, monkeypatch):
    """However little is held at once."""
    monkeypatch.setattr(covisit, "PAIRS", pairs)
    model = made(window=window, directed=directed)
    torch.testing.assert_close(stored(model), similarity(model.config)[0], **HALF)


def test_an_undirected_count_is_the_same_both_ways():
    both, after = stored(made(shrink=0.0, power=0.0)), stored(made(shrink=0.0, power=0.0, directed=True))
    torch.testing.assert_close(both, after + after.T, **HALF)
    assert not torch.equal(after, after.T)


def test_a_hand_made_count():
    """0 1 2 3 1: the item 2 has 1 before and after it at one place, and 0 and 3 at two and one."""
    model = Covisit(CovisitConfig(window=2, decay=1.0, power=0.0, kept=4), 1, 4)
    model.observe(torch.zeros(5, dtype=torch.int64), torch.tensor([0, 1, 2, 3, 1]))
    table = torch.zeros(4, 4).scatter_add_(1, model.neighbours.long(), model.similarity.float())
    assert table[2].tolist() == [0.5, 1.0 + 0.5, 0.0, 1.0]


@pytest.mark.parametrize("fade", [0.0, 0.6, 1.0])
def test_scores_follow_the_equation(fade):
    model = made(fade=fade, popular=0.1)
    near, popularity = similarity(model.config)
    scores = model.scores(torch.tensor([0, ANONYMOUS]), torch.tensor([[7, 0, 4, 2], [N, N, N, 6]]))
    expected = torch.stack([near[2] + fade * near[4] + fade**2 * near[0], near[6]]) + 0.1 * popularity
    torch.testing.assert_close(scores, expected, **HALF)


def test_only_the_most_similar_neighbours_are_kept():
    whole, few = stored(made()), made(kept=2)
    assert few.neighbours.shape == (N, 2)
    best = whole.topk(2)
    torch.testing.assert_close(stored(few), torch.zeros(N, N).scatter_(1, best.indices, best.values))
    assert (few.neighbours[:, 1] >= few.neighbours[:, 0]).all()


def test_without_a_history_the_popular_come_first():
    model = made()
    scores = model.scores(torch.tensor([ANONYMOUS]), torch.full((1, 3), N))
    torch.testing.assert_close(scores[0], 0.01 * similarity(model.config)[1])


def test_counting_again_forgets_what_was_counted():
    model, once = made(), made()
    model.observe(torch.zeros(2, dtype=torch.int64), torch.tensor([7, 8]))
    assert stored(model)[7].nonzero().tolist() == [[8]]
    assert stored(model).count_nonzero() == 2
    assert not torch.equal(stored(model), stored(once))


def test_order_is_read_only_where_it_has_a_weight():
    assert made().reads_order
    assert not made(fade=1.0).reads_order
    assert not made(L=1).reads_order


CHANGES = {"L": 1, "window": 1, "directed": True, "decay": 0.0, "power": 1.0, "shrink": 0.0, "fade": 0.5}
CHANGES |= {"popular": 0.5, "kept": 1}


@pytest.mark.parametrize("name", [f.name for f in dataclasses.fields(CovisitConfig)])
def test_every_setting_takes_effect(name):
    sequence = torch.tensor([[4, 2, 1]])
    old, new = (m.scores(torch.tensor([0]), sequence) for m in (made(), made(**{name: CHANGES[name]})))
    assert not torch.allclose(old, new)


def test_what_follows_in_a_cycle_is_found_by_counting(cycle):
    fitted = fit(cycle, preset("covisit").replace(directed=True, window=1, fade=0.5))
    assert evaluate(fitted.model, cycle).means()["hr@1"] == 1.0
    assert fitted.epochs == 1


def test_it_reaches_the_figures_of_a_whole_table():
    """Undirected, window 20, 1/distance^0.7, weights 0.75^age, square roots of both popularities + 5."""
    if not data.available("ml-100k"):
        pytest.skip("ml-100k is not on this machine; set CASER_DATA_DIR to a folder that holds it")
    settings = CovisitConfig(L=50, window=20, decay=0.7, power=0.5, shrink=5.0, fade=0.75, popular=0.0, kept=1682)
    config = dataclasses.replace(preset("covisit").replace(refit=False), model=settings)
    found = fit(split(data.load("ml-100k")), config).validation
    assert [round(found[m], 3) for m in ("hr@10", "hr@50", "ndcg@10", "auc")] == [0.244, 0.540, 0.132, 0.918]
