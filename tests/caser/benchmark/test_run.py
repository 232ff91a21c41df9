"""The benchmark compares like with like, and says what it measured; how fast that was is not tested."""

import json

import numpy as np
import pytest
import torch

from caser import cli
from caser.benchmark import run as benchmark
from caser.benchmark.run import SETTINGS, Effort
from caser.benchmark.textbook import TextbookCaser, scores_by_candidate, scores_by_user
from caser.config import preset
from caser.data.cinema import generate
from caser.data.dataset import split
from caser.evaluation import Evaluator
from caser.models import Caser, build
from caser.training.loop import Phase

CPU = torch.device("cpu")
QUICK = Effort(
    rounds=1,
    seconds=0.01,
    users=5,
    calls=20,
    starts=1,
    side=64,
    sizes=(3_000, 6_000),
    steps=2,
    catalogues=(90,),
    ratings=5_100,
    titles=500,
)


@pytest.fixture(scope="module")
def cinema():
    return split(generate(n_viewers=200).dataset)


@pytest.fixture(scope="module")
def few():
    return split(generate(n_viewers=40).dataset)


@torch.no_grad()
def copy_weights(ours: Caser, textbook: TextbookCaser) -> None:
    pairs = [
        (textbook.P.weight, ours.users.weight.roll(-1, 0)),  # the anonymous row is our first and its last
        (textbook.Q.weight, ours.items.weight),
        (textbook.conv_v.weight, ours.vertical),
        (textbook.fc.weight, ours.hidden.weight),
        (textbook.fc.bias, ours.hidden.bias),
        (textbook.Q_prime.weight, ours.output.weight),
        (textbook.b.weight, ours.output_bias[:, None]),
    ]
    for conv, weight, bias in zip(textbook.conv_h, ours.horizontal, ours.horizontal_bias, strict=True):
        pairs += [(conv.weight, weight), (conv.bias, bias)]
    assert {id(to) for to, _ in pairs} == {id(weight) for weight in textbook.parameters()}
    for to, weight in pairs:
        assert to.shape == weight.shape
        to.copy_(weight)


@pytest.mark.parametrize(("setting", "passes"), [*((setting, 2) for setting in SETTINGS), ("chapter", 1)])
def test_textbook_and_ours_have_the_same_loss_curve(cinema, setting, passes, monkeypatch):
    config = SETTINGS[setting].replace(batch_size=512, lr=0.01, dropout=0.0, user_dropout=0.0, init_std=0.1)
    textbook = benchmark.textbook_of(cinema, "validation", config, CPU, passes)
    ours = Phase(cinema, "validation", config, 0, CPU)
    copy_weights(ours.model, textbook.model)
    histories, losses = ours.histories, []
    for batch in ours.positions.split(512)[:8]:
        users = histories.user[batch].long()
        negatives = histories.sample_unseen(users, 1, torch.Generator().manual_seed(len(losses)))
        monkeypatch.setattr(histories, "sample_unseen", lambda users, n, generator, drawn=negatives: drawn)
        drawn = [negatives[:, 0]] if config.training.negatives else []
        windows, targets = histories.windows(batch, config.model.L), histories.targets(batch, 1)[:, 0]
        losses.append((textbook.step(users, windows, targets, *drawn), float(ours.step(batch))))
        monkeypatch.undo()
    slow, fast = np.array(losses).T
    np.testing.assert_allclose(slow, fast, atol=1e-4)
    assert slow.std() > 0.001  # it is a curve


@pytest.mark.parametrize("setting", ["chapter", "tuned"])
def test_textbook_and_ours_end_an_epoch_alike(cinema, setting):
    config = SETTINGS[setting].replace(batch_size=256, lr=0.005, shuffle_ties=False)
    textbook = benchmark.textbook_of(cinema, "validation", config, CPU)
    ours = Phase(cinema, "validation", config, 0, CPU)
    assert len(textbook.loader.dataset) == len(ours.positions)
    copy_weights(ours.model, textbook.model)  # what differs is the order, the negatives and what is dropped
    assert textbook.epoch()[0] == pytest.approx(ours.epoch(lambda: False)[0], rel=0.02)


@pytest.mark.parametrize("hide_test", [False, True])
def test_the_textbook_draws_only_what_ours_may_draw(cinema, hide_test):
    histories = Phase(cinema, "validation", SETTINGS["chapter"].replace(hide_test=hide_test), 0, CPU).histories
    user = int(cinema.evaluated[0])
    pool = benchmark._unseen_pools(cinema, "validation", hide_test)[user]
    drawn = histories.sample_unseen(torch.full((20_000,), user), 1, torch.Generator().manual_seed(0))
    assert sorted(pool) == sorted(set(drawn.flatten().tolist()))


@pytest.mark.parametrize("scores_of", [scores_by_candidate, scores_by_user])
def test_sort_and_loop_and_ours_give_the_same_ranks(cinema, scores_of):
    torch.manual_seed(0)
    model = build(SETTINGS["tuned"].model, cinema.dataset.n_users, cinema.dataset.n_items).double().eval()
    which = np.arange(0, len(cinema.evaluated), 25)
    ranks = Evaluator(cinema, "test", users=cinema.evaluated[which])(model)
    assert ranks.rank.tolist() == benchmark.ranks_by_sorting(model, cinema, which, scores_of).tolist()


def test_a_step_costs_what_its_definition_says():
    config = SETTINGS["chapter"].replace(d=2, L=2, n_h=3, n_v=1, batch_size=10)
    heights = 3 * (1 * 2 + 2 * 1) * 2  # filters x rows read x d
    a_window = heights + 1 * 2 * 2 + (2 + 6) * 2 + 2 * 4  # vertical, hidden layer, two items
    assert benchmark.step_work(config, 5, 7)[0] == 3 * 2 * 10 * a_window
    narrow, wide = (benchmark.step_work(SETTINGS["tuned"].replace(d=64, batch_size=1024), 5, n)[1] for n in (100, 1000))
    assert wide - narrow == 4 * 900 * (9 * (3 * 64 + 1) + 3 * 1024)  # an item's parameters, and a score for each window


def test_synthetic_data_is_skewed_and_tied():
    dataset = benchmark.synthetic(50_000)
    assert len(dataset) == pytest.approx(50_000, rel=0.02)
    assert dataset.offset[-1] == len(dataset.timestamp) == len(dataset.rating)
    count = np.sort(np.bincount(dataset.item, minlength=dataset.n_items))[::-1]
    assert count[: dataset.n_items // 10].sum() > 0.35 * len(dataset)
    assert np.all(np.diff(dataset.timestamp) >= 0)
    assert np.mean(np.diff(dataset.timestamp) == 0) == pytest.approx(0.5, abs=0.02)


def test_interactions_take_at_most_40_bytes_on_the_device():
    row = benchmark.scale_row(20_000, "cpu", steps=2)
    assert 10 < row["bytes_per_interaction"] < 40
    assert row["interactions"] == pytest.approx(20_000, rel=0.05)
    assert all(value > 0 for value in row.values())


@pytest.fixture
def short(monkeypatch):
    """A whole run has two epochs."""
    monkeypatch.setattr(benchmark, "preset", lambda *name: preset(*name).replace(epochs=2))


@pytest.fixture
def quick(monkeypatch, few, short):
    """Little effort on little data."""
    monkeypatch.setattr(benchmark, "Effort", lambda: QUICK)
    monkeypatch.setattr(benchmark.data, "available", lambda name: False)
    monkeypatch.setattr(benchmark.data, "load", lambda name: few.dataset)


@pytest.fixture(scope="module")
def measured(cinema):
    """Every part's record, some of them from real processes of their own; a whole run has two epochs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark.data, "load", lambda name: cinema.dataset)
        patch.setattr(benchmark, "preset", lambda *name: preset(*name).replace(epochs=2))
        return dict(benchmark.run((), "cpu", QUICK, "cinema"))


def test_every_part_is_measured_and_has_its_table(measured):
    assert list(measured) == ["machine", *benchmark.PARTS]
    tables = [benchmark.part_table(name, record) for name, record in measured.items()]
    titles = ["machine", *(title for title, _ in benchmark.PARTS.values())]
    assert [table.split("  ")[0].strip() for table in tables] == titles
    shown = "\n".join(tables)
    for word in (
        "torch",
        "cinema",
        "ratio",
        "roofline_share",
        "p50_ms",
        "p95_ms",
        "us_per_interaction",
        "relative",
        "whole_s",
    ):
        assert word in shown


def test_growth_is_measured_at_every_size_in_a_fresh_process(measured):
    assert [row["interactions"] for row in measured["scale"]] == pytest.approx(QUICK.sizes, rel=0.1)
    assert all(value > 0 for row in measured["scale"] for value in row.values())


def test_json_is_a_line_for_each_part(quick, capsys):
    assert cli.main(["bench", "--json", "--only", "training, recommend", "--device", "cpu"]) == 0
    machine, training, recommend = map(json.loads, capsys.readouterr().out.splitlines())
    assert machine["machine"]["dataset"] == "cinema"
    for setting in SETTINGS:
        measured = training["training"][setting]
        assert measured["ratio"] == pytest.approx(measured["ours"] / measured["textbook"])
    assert 0 < recommend["recommend"]["p50_ms"] <= recommend["recommend"]["p95_ms"]
    assert recommend["recommend"]["explain_ms"] > 0


def test_a_part_that_fails_is_named_and_loses_nothing_of_the_others(quick, capsys, monkeypatch):
    shown_before = []

    def fail(bench):
        shown_before.append(capsys.readouterr().out)
        raise ValueError("no such thing")

    monkeypatch.setitem(benchmark.PARTS, "scale", ("synthetic interactions", fail))
    assert cli.main(["bench", "--only", "recommend,scale,titles", "--device", "cpu"]) == 1
    after, errors = capsys.readouterr()
    assert [text.count("\n\n") for text in (shown_before[0], after)] == [2, 1]  # the machine's and each part's at once
    assert "ten films for a visitor" in shown_before[0]
    assert "films found by title" in after
    assert errors == "caser: scale could not be measured (ValueError: no such thing)\n"


def test_a_process_that_fails_is_an_error_of_one_line():
    with pytest.raises(RuntimeError) as failed:
        benchmark._in_fresh_process(json.loads, "[")
    assert str(failed.value).startswith("a measuring process ended with 1: json.decoder.JSONDecodeError")
    assert "\n" not in str(failed.value)


def test_loading_is_measured_in_a_fresh_interpreter(measured):
    load = measured["load"]
    assert all(value > 0 for value in load.values())
    assert load["process_ms"] > load["import_ms"]


def test_an_unknown_part_is_refused_with_what_there_is(capsys):
    assert cli.main(["bench", "--only", "training,speed"]) == 2
    message = capsys.readouterr().err
    assert "unknown part of the benchmark 'speed'; choose one of training, whole, evaluation, recommend," in message


def test_a_file_of_ratings_is_read_and_read_again(measured):
    ingest = measured["ingest"]
    assert ingest["ratings"] == 5_005  # 35 users with 143 each
    assert all(value > 0 for value in ingest.values())


def test_the_time_to_quality_is_that_of_the_first_epoch_as_good_as_counting(few, short):
    bench = benchmark.Bench(few, CPU, QUICK, {})
    easy, hard = (benchmark._timed_run(bench, goal) for goal in (0.0, 1.0))
    assert 0 < easy[1] < easy[0]
    assert hard[1] == float("inf")
    assert easy[2] == hard[2] > 0


def test_films_are_found_by_title_in_a_large_catalogue(measured):
    titles = measured["titles"]
    assert titles["titles"] == 500
    assert all(value > 0 for value in titles.values())
