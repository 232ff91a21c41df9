import dataclasses
import itertools

import numpy as np
import pytest
import torch

from caser import data
from caser.config import Config, TrainingConfig, preset
from caser.data.dataset import split
from caser.data.histories import Histories
from caser.models import build
from caser.models.caser import CaserConfig
from caser.training import loop
from caser.training.devices import resolve_device
from caser.training.loop import Cancelled, Phase, fit, require_trainable, snapshot_epochs
from tests.caser.conftest import make_dataset

SMALL = CaserConfig(d=8, L=3, n_h=3, n_v=2)
QUICK = TrainingConfig(epochs=3, patience=0, batch_size=32, lr=0.01)


def config(model=SMALL, **training):
    return Config(model, dataclasses.replace(QUICK, **training))


def weights(fitted):
    return torch.cat([w.flatten() for w in fitted.model.state_dict().values()])


def test_a_seed_reproduces_a_run_to_the_bit_and_another_does_not(cycle):
    first, again, other = (fit(cycle, config(), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_training_leaves_the_callers_random_state_alone(cycle):
    before = torch.get_rng_state()
    fit(cycle, config())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    "change",
    [
        {"loss": "bpr", "negatives": 1}, {"loss": "bce", "negatives": 1}, {"negatives": 2}, {"T": 2}, {"lr": 0.02},
        {"weight_decay": 0.1}, {"batch_size": 16}, {"epochs": 2}, {"refit": False}, {"full_windows": True},
        {"shuffle_ties": False}, {"hide_test": True, "negatives": 1},
        {"d": 4}, {"L": 2}, {"n_h": 2}, {"n_v": 1}, {"p": False}, {"dropout": 0.0}, {"user_dropout": 0.0},
        {"init_std": 0.1}, {"tied": True}, {"ema": 0.9}, {"schedule": "cosine"}, {"backwards": 0.5},
        {"decoupled": True, "weight_decay": 0.1}, {"T": 2, "T_decay": 0.5},
    ],
)  # fmt: skip
def test_every_setting_takes_effect(change, cycle):
    base = config(**{"negatives": 1} if "hide_test" in change else {})
    base = base.replace(weight_decay=0.1) if "decoupled" in change else base
    base = base.replace(T=2) if "T_decay" in change else base
    old, new = weights(fit(cycle, base)), weights(fit(cycle, base.replace(**change)))
    assert len(old) != len(new) or not torch.equal(old, new)


@pytest.mark.parametrize("epochs_before", [1, 3, 4, 6])
@pytest.mark.parametrize("refit", [True, False])
def test_a_resumed_run_ends_as_an_uninterrupted_one(cycle, epochs_before, refit, tmp_path):
    """Killed after any epoch of either phase, read back from disk, continued."""
    settings, kept = config(epochs=4, patience=3, refit=refit, ema=0.9, schedule="cosine", backwards=0.3), []
    whole = fit(
        cycle, settings, on_state=lambda state: kept.append(state) or torch.save(state, tmp_path / f"{len(kept)}")
    )
    if epochs_before > len(kept):
        pytest.skip("the run had fewer epochs")
    state = torch.load(tmp_path / f"{epochs_before}", weights_only=True)
    seen = []
    resumed = fit(cycle, settings, state=state, on_epoch=seen.append)
    assert seen == resumed.reports  # a watcher's record begins with the first epoch, too
    assert torch.equal(weights(resumed), weights(whole))
    assert resumed.epochs == whole.epochs
    assert [r.loss for r in resumed.reports] == [r.loss for r in whole.reports]
    assert resumed.snapshots.keys() == whole.snapshots.keys()


def test_patience_stops_early_and_takes_the_best_epoch(cycle):
    fitted = fit(cycle, config(epochs=60, patience=2, lr=0.05, refit=False))
    seen = [report.validation["ndcg@10"] for report in fitted.reports]
    assert len(seen) < 60
    assert fitted.epochs == int(np.argmax(seen)) + 1
    assert len(seen) == fitted.epochs + 2
    assert fitted.validation["ndcg@10"] == max(seen)


def test_refit_trains_anew_on_train_and_validation_for_the_chosen_epochs(cycle):
    fitted = fit(cycle, config(epochs=4))
    phases = [(report.phase, report.epoch) for report in fitted.reports]
    assert phases == [("select", e) for e in range(1, 5)] + [("refit", e) for e in range(1, 5)]
    assert all(not report.validation for report in fitted.reports[4:])
    assert not torch.equal(weights(fitted), weights(fit(cycle, config(epochs=4, refit=False))))


def test_a_schedule_spans_the_epochs_at_the_most_in_both_phases(cycle):
    """A refit for fewer epochs repeats the rates that validation judged."""
    settings, rates = config(epochs=4, schedule="cosine"), {}
    for stage in ("validation", "test"):
        phase = Phase(cycle, stage, settings, 0, torch.device("cpu"))
        rates[stage] = []
        for _ in range(4):
            phase.epoch(lambda: False)
            rates[stage].append(phase.optimizer.param_groups[0]["lr"])
    assert rates["validation"] == rates["test"] == pytest.approx([0.01, 0.0075, 0.0025, 0.0])


def test_decoupled_decay_leaves_the_gradient_alone(cycle):
    """At a rate that moves nothing, what is left of a weight is 1 - lr x weight_decay."""
    phase = Phase(cycle, "test", config(decoupled=True, weight_decay=0.5, lr=0.1), 0, torch.device("cpu"))
    before = [w.detach().clone() for w in phase.model.parameters()]
    for w in phase.model.parameters():
        w.grad = torch.zeros_like(w)
    phase.optimizer.step()
    for old, new in zip(before, phase.model.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), old * 0.95)


def test_reports_say_what_is_left(cycle):
    heard = []
    fit(cycle, config(epochs=2), on_epoch=heard.append)
    assert heard[-1].seconds_left == 0
    assert all(report.examples_per_second > 0 and report.loss > 0 for report in heard)
    assert set(heard[0].validation) == {"hr@10", "hr@50", "ndcg@10", "auc"}


def test_a_stop_flag_ends_it_at_the_next_batch(cycle):
    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        fit(cycle, config(), should_stop=stop)
    assert len(asked) == 4


def test_a_diverged_run_ends_with_a_remedy(cycle):
    phase = Phase(cycle, "validation", config(), 0, torch.device("cpu"))
    torch.nn.init.constant_(phase.model.output_bias, torch.nan)
    with pytest.raises(ValueError, match="loss became nan; train with a lower lr"):
        phase.epoch(lambda: False)


def test_a_window_longer_than_every_history_is_named_before_the_start_and_the_remedy_helps(cycle):
    long = config(dataclasses.replace(SMALL, L=15), full_windows=True)
    with pytest.raises(ValueError, match="use an L below 15, or leave full windows out"):
        fit(cycle, long)
    require_trainable(cycle, long.replace(full_windows=False))
    require_trainable(cycle, long.replace(L=6))


def test_where_nobody_has_anything_to_learn_from_no_smaller_window_is_advised():
    parts = split(make_dataset([(u, i, i) for u in range(4) for i in range(1, 4)], 5))
    with pytest.raises(ValueError, match="nothing to learn from; take longer histories"):
        fit(parts, config(dataclasses.replace(SMALL, L=1)))


@pytest.mark.parametrize("changes", [{"hide_test": True}, {"refit": True}])
def test_a_user_who_has_seen_everything_is_named_before_the_start_and_the_remedy_helps(changes, monkeypatch):
    rows = [(1, i, i) for i in range(1, 7)] + [(u, i, i) for u in (2, 3) for i in range(1, 5)]
    parts = split(make_dataset(rows if "hide_test" in changes else [*rows, (1, 6, 7)], 6))
    chosen = config(loss="bpr", negatives=1, **changes)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "Phase", None)  # nothing is begun
        with pytest.raises(ValueError, match=r"user 1 of tiny has seen every item.*the loss softmax and 0 negatives"):
            fit(parts, chosen)
    fit(parts, chosen.replace(loss="softmax", negatives=0, epochs=1))


def test_popularity_is_fitted_by_counting(cycle):
    fitted = fit(cycle, preset("popularity"))
    _, items = Histories(cycle, "test").visible()
    torch.testing.assert_close(fitted.model.log_count, torch.bincount(items).log1p())
    assert fitted.epochs == 1


def test_snapshots_of_the_filters_are_kept_from_before_training_to_the_end(cycle):
    fitted = fit(cycle, config(epochs=5))
    assert list(fitted.snapshots) == snapshot_epochs(5)
    assert fitted.snapshots[0].keys() == fitted.snapshots[5].keys()
    torch.testing.assert_close(fitted.snapshots[5]["vertical"].float(), fitted.model.vertical, atol=1e-2, rtol=1e-2)
    assert not torch.equal(fitted.snapshots[0]["vertical"], fitted.snapshots[5]["vertical"])


def test_an_anonymous_row_is_trained(cycle):
    torch.manual_seed(0)
    untrained = build(SMALL, 20, 12)
    model = fit(cycle, config(), seed=0).model
    assert not torch.equal(untrained.users.weight[0], model.users.weight[0])


@pytest.mark.parametrize(("name", "message"), [("tpu", "unknown device 'tpu'"), ("cuda", "no cuda device")])
def test_a_device_that_is_not_there_is_named(name, message):
    if name == "cuda" and torch.cuda.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(ValueError, match=message):
        resolve_device(name)


def test_auto_finds_a_device():
    assert resolve_device("auto").type in ("cuda", "mps", "cpu")


def test_filters_are_handed_out_before_training_and_after_every_epoch():
    parts = split(data.load("cinema"))
    config, seen = preset("caser", "chapter").replace(n_h=2, epochs=2, patience=0, refit=False), []
    fitted = fit(parts, config, on_snapshot=lambda snapshots: seen.append(dict(snapshots)))
    assert [list(snapshots) for snapshots in seen] == [[0], [0, 1], [0, 1, 2]]
    newest = [snapshots[max(snapshots)] for snapshots in seen]
    assert "items.weight" in newest[1]  # a small model's, so that what a filter sought then can be said
    assert torch.equal(seen[2][0]["horizontal.1"], newest[0]["horizontal.1"])
    assert not torch.equal(newest[1]["horizontal.1"], newest[2]["horizontal.1"])
    assert torch.equal(newest[2]["items.weight"], fitted.snapshots[2]["items.weight"])
    large = preset("caser", "tuned").replace(epochs=1, refit=False)
    assert "items.weight" not in fit(parts, large).snapshots[1]


def test_what_is_done_and_how_much_of_it_is_told():
    parts, told = split(data.load("cinema")), []
    fit(
        parts,
        preset("caser", "chapter").replace(n_h=1, epochs=2, patience=0, refit=True),
        on_share=lambda *done: told.append(done),
    )
    turns = [(doing, [share for _, share in some]) for doing, some in itertools.groupby(told, key=lambda one: one[0])]
    assert [doing for doing, _ in turns][:3] == ["training", "ranking the validation", "training"]
    assert turns[-1][0] == "training"  # of the refit, which ranks nothing
    for _, shares in turns[:3]:
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_a_run_can_be_stopped_while_it_ranks(monkeypatch):
    monkeypatch.setattr("caser.evaluation.CHUNK_CELLS", 1)  # a user at a time
    parts, doing = split(data.load("cinema")), []
    with pytest.raises(Cancelled):
        fit(
            parts,
            preset("caser", "chapter").replace(n_h=1, epochs=9, refit=False),
            on_share=lambda what, _: doing.append(what),
            should_stop=lambda: "ranking the validation" in doing,
        )
    assert doing.count("ranking the validation") == 1
