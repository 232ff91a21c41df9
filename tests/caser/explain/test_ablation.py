import json
import os

import numpy as np
import pytest
import torch

from caser import checkpoint as checkpoints
from caser.config import Config, TrainingConfig
from caser.data.dataset import split
from caser.evaluation import evaluate
from caser.explain.ablation import MOST_FILES, AblationTable, ablation_table, cached_ablation, switches, usual, without
from caser.explain.explanation import parts
from caser.explain.filters import filter_view
from caser.models.caser import CaserConfig
from caser.recommend import score_catalogue
from caser.training.loop import fit
from tests.caser.conftest import make_dataset
from tests.caser.explained import HISTORIES, N_ITEMS, SWITCHES, caser, order_blind


@pytest.mark.parametrize("some", SWITCHES, ids=str)
def test_everything_off_leaves_the_constant(some):
    model = caser(*some)
    for switch in (s for s in switches(model) if s.name in "hvp"):
        model = without(model, switch.horizontal, switch.vertical, switch.user)
    first, second = (score_catalogue(model, user, h) for user, h in ((0, HISTORIES["full"]), (1, HISTORIES["short"])))
    assert np.array_equal(first, second)


def test_the_model_itself_keeps_its_weights():
    model = caser()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    twin = without(model, [(1, 0)], [1], user=True)
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())
    assert twin.items is model.items  # shared, not copied


def test_without_the_user_the_sequence_and_bias_are_left():
    model, history = caser(), HISTORIES["full"]
    left = parts(model, 1, history)
    found = score_catalogue(without(model, user=True), 1, history)
    assert found == pytest.approx(left.films + left.network + left.bias, abs=1e-5)
    mf, _ = order_blind()
    assert score_catalogue(without(mf, user=True), 1, []) == pytest.approx(mf.item_bias.numpy())


def test_one_filter_off_contributes_nothing_and_the_others_still_add_up():
    model, history = caser(), HISTORIES["full"]
    fired = filter_view(model, 1, history, 6).fired[0]
    twin = without(model, [(fired.height, fired.index)])
    view = filter_view(twin, 1, history, 6)
    same = next(f for f in view.horizontal if (f.height, f.index) == (fired.height, fired.index))
    assert same.contribution == 0
    assert same.activation == pytest.approx(fired.activation)
    assert view.total == pytest.approx(score_catalogue(twin, 1, history)[6], abs=1e-4)


def test_a_filter_off_equals_a_filter_whose_output_is_zero():
    model = caser()
    silent = caser()
    silent.horizontal[1][2] = 0
    silent.horizontal_bias[1, 2] = 0
    silent.vertical[1] = 0
    found = score_catalogue(without(model, [(2, 2)], [1]), 1, HISTORIES["full"])
    assert found == pytest.approx(score_catalogue(silent, 1, HISTORIES["full"]), abs=1e-5)


def test_what_is_not_there_cannot_be_switched_off():
    with pytest.raises(ValueError, match="no filter 1d; it has 3 of each height"):
        without(caser(), [(1, 3)])
    with pytest.raises(ValueError, match="no vertical filter V3; it has 2"):
        without(caser(), vertical=[2])
    with pytest.raises(ValueError, match="no user part"):
        without(caser(p=False), user=True)


def test_switches_name_every_part():
    names = [s.name for s in switches(caser())]
    assert len(names) == 3 + 4 + 2 + 12
    assert names[:4] == ["h", "v", "p", "height 1"]
    assert {"vertical V2", "filter 4c"} < set(names)
    assert [[s.name for s in switches(m)] for m in order_blind()] == [["p"], []]
    assert all(switches(caser(*some)) for some in SWITCHES)


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(0)
    rows = [(u, i + 1, t) for u in range(30) for t, i in enumerate(rng.permutation(N_ITEMS)[:9])]
    halves = split(make_dataset(rows, N_ITEMS))
    config = Config(CaserConfig(d=4, L=3, n_h=2, n_v=1), TrainingConfig(epochs=1, refit=False))
    result = fit(halves, config)
    return halves, checkpoints.of(result, "small", config, halves, 0, evaluate(result.model, halves))


def test_the_table_holds_what_evaluation_of_each_copy_says(trained):
    halves, checkpoint = trained
    table = ablation_table(checkpoint.model, halves)
    whole = evaluate(checkpoint.model, halves).means()
    assert table.metrics == pytest.approx(whole, abs=0, rel=0, nan_ok=True)
    assert table.users == 30
    for row in table.rows:
        s = row.switch
        alone = evaluate(without(checkpoint.model, s.horizontal, s.vertical, s.user), halves).means()
        assert row.metrics == pytest.approx(alone, abs=0, rel=0, nan_ok=True)
        assert row.change["mrr"] == pytest.approx(alone["mrr"] - whole["mrr"])
        assert row.margin["mrr"] >= 0
    assert repr(AblationTable.from_dict(json.loads(json.dumps(table.to_dict())))) == repr(table)


def test_some_users_only(trained):
    halves, checkpoint = trained
    assert ablation_table(checkpoint.model, halves, users=halves.evaluated[::3]).users == 10


@pytest.fixture
def counted(monkeypatch):
    calls = []

    def counting(*args, **options):
        calls.append(args)
        return ablation_table(*args, **options)

    monkeypatch.setattr("caser.explain.ablation.ablation_table", counting)
    return calls


def test_a_table_is_computed_once_a_checkpoint(trained, counted, tmp_path, monkeypatch):
    halves, checkpoint = trained
    monkeypatch.setenv("CASER_CACHE_DIR", str(tmp_path))
    saved = checkpoints.load(checkpoints.save(checkpoint, tmp_path))
    first, second = (
        cached_ablation(saved.model, halves, saved.metadata.weights_sha256),
        cached_ablation(saved.model, halves, saved.metadata.weights_sha256),
    )
    assert repr(first) == repr(second)
    assert len(counted) == 1
    cached_ablation(saved.model, halves, saved.metadata.weights_sha256, stage="validation")
    assert len(counted) == 2
    (file, _) = sorted((tmp_path / "ablation").iterdir(), key=os.path.getmtime)
    file.write_text("{ broken")
    assert cached_ablation(saved.model, halves, saved.metadata.weights_sha256).users == first.users
    assert len(counted) == 3


def test_old_tables_go(trained, tmp_path):
    halves, checkpoint = trained
    saved = checkpoints.load(checkpoints.save(checkpoint, tmp_path / "checkpoints"))
    folder = tmp_path / "cache"
    folder.mkdir()
    for old in range(MOST_FILES + 5):
        path = folder / f"old{old}.json"
        path.write_text("{}")
        os.utime(path, (old, old))
    cached_ablation(saved.model, halves, saved.metadata.weights_sha256, folder)
    left = {path.name for path in folder.iterdir()}
    assert len(left) == MOST_FILES
    assert "old0.json" not in left
    assert f"old{MOST_FILES + 4}.json" in left


def test_nowhere_to_write_only_costs_the_time(trained, tmp_path):
    halves, checkpoint = trained
    saved = checkpoints.load(checkpoints.save(checkpoint, tmp_path))
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert cached_ablation(saved.model, halves, saved.metadata.weights_sha256, blocked / "below").users == 30


def test_an_unsaved_model_is_not_kept(trained, tmp_path):
    halves, checkpoint = trained
    cached_ablation(checkpoint.model, halves, checkpoint.metadata.weights_sha256, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_share_done_rises_to_the_whole(trained):
    halves, checkpoint = trained
    shares = []
    ablation_table(checkpoint.model, halves, on_share=shares.append)
    assert shares == sorted(shares)
    assert len(shares) > len(switches(checkpoint.model))
    assert shares[-1] == 1


def test_a_part_at_its_mean_gives_everybody_the_same_in_its_place():
    data = split(make_dataset([(u, (u * 7 + t * 3) % N_ITEMS + 1, t) for u in range(3) for t in range(6)], N_ITEMS))
    model, history = caser(), HISTORIES["full"]
    mean = usual(model, data)
    windows = [data.history(user, "validation")[-model.L :].tolist() for user in range(3)]
    features = [model.features(model.embed(torch.tensor([some])))[0] for some in windows]
    assert mean.features == pytest.approx(torch.stack(features).mean(0), abs=1e-6)
    off = {s.name: s for s in switches(model)}
    filters = {"horizontal": off["h"].horizontal, "vertical": off["v"].vertical}
    twin = without(model, **filters, instead=mean)
    assert np.array_equal(score_catalogue(twin, 1, history), score_catalogue(twin, 1, HISTORIES["short"]))
    hidden = model.hidden(mean.features).relu()
    assert twin.hidden_vector(model.embed(torch.tensor([history])))[0] == pytest.approx(hidden, abs=1e-6)
    twin = without(model, user=True, instead=mean)
    assert np.array_equal(score_catalogue(twin, 0, history), score_catalogue(twin, 1, history))
    assert twin.users.weight[1] == pytest.approx(model.users.weight[1:].mean(0), abs=1e-6)
