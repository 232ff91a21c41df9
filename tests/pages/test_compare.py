"""Compare: numbers with intervals, a paired test, and the protocol beside them."""

from __future__ import annotations

import html
import json
import shutil
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from caser import checkpoint, cli, data, report, study
from caser.config import preset
from caser.data.dataset import split
from caser.evaluation import METRICS, Ranks, compare, evaluate
from caser.experiment import Experiment
from caser.field.standings import standings
from caser.field.verdict import p_said, pair_verdict, verdict
from tests.stored import rewrite


@pytest.fixture
def numbers(table_frames):
    """The table of every metric of every model, by model."""

    def numbers(app) -> pd.DataFrame:
        return next(frame for frame in table_frames(app) if "HR@50" in frame.columns).set_index("Model")

    return numbers


def test_numbers_and_intervals_are_those_of_evaluation(open_page, numbers):
    table = numbers(open_page("compare", part="numbers"))
    ranks = evaluate(checkpoint.load("cinema-caser").model, split(data.load("cinema")))
    mean, low, high = map(METRICS["hr@50"].said, (ranks.means()["hr@50"], *ranks.intervals()["hr@50"]))
    assert table.loc["Caser", "HR@50"] == f"{mean} ({low}\u00a0to\u00a0{high})"
    assert list(table.index) == ["Caser", "MF", "Popularity"]


def test_the_paired_test_is_reported_and_corrected_for_the_models_shown(open_page, read):
    parts = split(data.load("cinema"))
    caser, mf = (evaluate(checkpoint.load(f"cinema-{m}").model, parts) for m in ("caser", "mf"))
    expected = compare(caser, mf, "hr@50")
    app = open_page("compare", part="pair")
    text = read(app)
    assert f"Caser is {METRICS['hr@50'].apart(expected.difference)} " in text
    assert "paired test, corrected for 3 pairs by Holm" in text
    assert f"Caser higher ({expected.wins:,})" in json.dumps(charts(app), ensure_ascii=False)


def charts(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def test_protocol_and_tie_rule_stand_beside_the_numbers(open_page, read):
    text = read(open_page("compare", part="measured"))
    assert "the first of them in file order is held out" in text
    assert "an equal score counts half" in text
    assert "simulated viewers have both" in text


def test_the_seeds_negative_rule_is_said(open_page, read, checkpoints, tmp_path, monkeypatch):
    for path in checkpoints.iterdir():
        shutil.copy(path, tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        rewrite(path, lambda record, weights: record["config"]["training"].update(hide_test=True))
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    assert "a little too high, since training used part of the test" in read(open_page("compare"))
    assert "the source chapter's own negative rule" in read(open_page("compare", part="measured"))


def test_without_mf_popularity_is_still_compared(open_page, read, numbers, checkpoints, tmp_path, monkeypatch):
    shutil.copy(checkpoints / "cinema-caser.safetensors", tmp_path)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    app = open_page("compare", part="numbers")
    assert list(numbers(app).index) == ["Caser", "Popularity"]
    assert "No other model is trained" in read(app)


def test_the_line_up_and_the_metric_live_in_the_url(open_page, read, numbers):
    app = open_page("compare", part="numbers", models="popularity,cinema-mf", metric="mrr")
    assert list(numbers(app).index) == ["MF", "Popularity"]
    assert "MRR of every model" in read(app)
    app.multiselect(key="models").set_value(["cinema-caser", "cinema-mf"]).run()
    assert not app.exception
    assert "cinema-caser,cinema-mf" in app.query_params["models"]
    assert list(numbers(app).index) == ["Caser", "MF"]
    app.multiselect(key="models").set_value(["cinema-caser", "cinema-mf", "popularity"]).run()
    app.selectbox(key="metric").set_value("hr@50").run()
    assert not {"models", "metric"} & set(app.query_params)


def test_an_unknown_model_in_the_url_is_left_out_with_a_sentence(open_page, read, numbers):
    app = open_page("compare", part="numbers", models="cinema-mf,ml-100k-caser,<b>x", metric="bleu")
    assert "no model of that name is trained on this split of cinema" in read(app).lower()
    assert "`ml-100k-caser`, `<b>x`" in read(app)
    assert list(numbers(app).index) == ["MF"]
    assert list(numbers(open_page("compare", part="numbers", models="nonsense")).index) == ["Caser", "MF", "Popularity"]


def test_one_model_none_and_itself_are_told_what_to_do(open_page, read):
    alone = read(open_page("compare", models="popularity", part="works,pair"))
    assert "Add a second model" in alone
    assert "has filters; add a Caser" in alone
    assert "Pick at least one model" in read(open_page("compare", models=""))
    assert "pick two different models" in read(open_page("compare", one="MF", other="MF"))


def test_without_a_study_the_command_that_makes_one_is_said(open_page, read):
    assert "`python -m caser study cinema-caser`" in read(open_page("compare", part="works"))


def test_a_broken_study_is_as_none(open_page, read, studied):
    path = study.path_of("cinema-caser")
    path.write_bytes(path.read_bytes()[:-200])
    assert "`python -m caser study cinema-caser`" in read(open_page("compare", part="works"))


def test_a_model_without_filters_leaves_what_does_the_work_to_one_that_has_them(open_page, read, studied):
    assert "Take only the vertical filters out" in read(open_page("compare", part="works", model="cinema-mf"))


def test_the_trainings_of_a_checkpoint_are_told_and_decide(open_page, read, checkpoints, tmp_path, monkeypatch):
    """Three trainings that vary little decide, whatever the viewers' test of the one shown says."""

    def three(record, arrays):
        arrays |= {f"seeds/{seed}": (arrays["ranks/rank"] - seed).clamp(min=0) for seed in (1, 2)}

    for path in checkpoints.iterdir():
        shutil.copy(path, tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        rewrite(path, three)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    app = open_page("compare", part="pair")
    drawn = json.dumps(charts(app), ensure_ascii=False)
    assert "mean of 3 trainings" in drawn
    assert "counted, not trained" in drawn
    text = read(app)
    assert "as a mean over trainings" in text
    assert "Tested on one training" not in text


def test_page_report_and_command_line_say_the_same(open_page, read, capsys):
    names, metric = ["cinema-caser", "cinema-mf"], "ndcg@10"
    parts = split(data.load("cinema"))
    entries = report.entries([checkpoint.load(name) for name in names], parts)
    table = standings(entries, metric)
    pair = table.pair("Caser", "MF")
    text = read(open_page("compare", part="pair", models=",".join(names), metric=metric)).replace("\\", "")
    assert cli.main(["compare", *names, "--metric", metric]) == 0
    printed = capsys.readouterr().out
    page = html.unescape(report.html(entries, parts, metric))
    for shown in (text, printed, page):
        assert all(sentence in shown for sentence in verdict(table).split(". "))
        assert p_said(pair.over_users.p_corrected) in shown
    for shown in (text, printed):
        assert all(sentence in shown for sentence in pair_verdict(table, "Caser", "MF").split(". "))
    assert cli.main(["compare", *names, "--metric", metric, "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert (said["p_value"], said["p_corrected"]) == (pair.over_users.p_value, pair.over_users.p_corrected)


def test_a_pair_has_one_p_value_among_the_same_models(open_page, read, capsys, checkpoints):
    """The correction is for all pairs, so that it does not matter which of them is looked at."""
    names = ["cinema-caser", "cinema-mf"]
    assert cli.main(["compare", *names[::-1], "--metric", "mrr"]) == 0
    turned = capsys.readouterr().out
    assert cli.main(["compare", *names, "--metric", "mrr"]) == 0
    plain = capsys.readouterr().out
    assert turned.splitlines()[0] == plain.splitlines()[0]
    assert (
        turned.splitlines()[1].split("(paired")[0].split(": ")[1]
        == plain.splitlines()[1].split("(paired")[0].split(": ")[1]
    )


@pytest.fixture
def studied(checkpoints, tmp_path, monkeypatch):
    """A folder in which cinema-caser has a study: every rank far worse without its vertical filters."""
    for path in checkpoints.iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    trained = checkpoint.load("cinema-caser")
    whole, last = trained.ranks, trained.ranks.candidates - 1.0
    worse = Ranks(whole.users, last, whole.candidates)
    parts = [some for size in (1, 2, 3) for some in combinations(study.PARTS, size)]
    found = {study.WHOLE: dict.fromkeys(range(3), whole), study.SEEN: {0: worse}}
    found |= {study.off_name(some): {0: worse if "v" in some else whole} for some in parts}
    found |= {study.off_name(part, study.ANEW): dict.fromkeys(range(3), whole) for part in study.PARTS}
    study.save(found | {study.SHUFFLED: dict.fromkeys(range(20), whole)}, trained)
    return trained


@pytest.fixture(scope="module")
def curved(trained_once, tmp_path_factory):
    """A folder with a ConvFormer whose study says that every step finds one more film."""
    folder = tmp_path_factory.mktemp("curved") / "checkpoints"
    shutil.copytree(trained_once, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CASER_CHECKPOINT_DIR", str(folder))
        small = {"d": 6, "L": 5, "K": 4, "d_u": 2, "layers": 1, "batch_size": 512, "epochs": 1, "refit": False}
        Experiment("cinema-curved", "cinema", preset("convformer").replace(**small), device="cpu").run()
        trained = checkpoint.load("cinema-curved")
        whole, last = trained.ranks, trained.ranks.candidates - 1.0
        hits = {name: np.where(np.arange(len(last)) < 100 * at, 0.0, last) for at, name in enumerate(study.STEPS, 1)}
        ranks = {name: Ranks(whole.users, rank, whole.candidates) for name, rank in hits.items()}
        study.save({name: dict.fromkeys(range(3), one) for name, one in ranks.items()}, trained)
    return folder


def test_the_way_from_caser_to_longer_convolutions_is_drawn_and_said(open_page, read, curved, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(curved))
    app = open_page("compare", model="cinema-curved", part="steps")
    text = read(app)
    assert "HR@50 goes from 12.5% to 75.0%, means of 3 trainings" in text
    assert "a curve for each dimension (+12.5 points)" in text
    assert len(charts(app)) == 2
    (curved / "cinema-curved.study.npz").unlink()
    assert "`python -m caser study cinema-curved`" in read(open_page("compare", model="cinema-curved", part="steps"))


def test_values_of_a_setting_are_drawn_where_they_were_measured(open_page, read, studied):
    study.save(study.load(studied) | {f"L={L}": {studied.metadata.seed: studied.ranks} for L in (3, 9)}, studied)
    app = open_page("compare", part="sweep")
    assert "Every difference to L = 5 may be chance" in read(app)
    assert len(charts(app)) == 2
    assert charts(app)[1]["layout"]["yaxis"]["ticktext"] == ["L = 3", "L = 5", "L = 9"]


def test_what_does_the_work_is_said_here_and_taken_home_from_the_tour(open_page, read, studied):
    text, whole = read(open_page("compare", part="works")), studied.ranks.means()["hr@50"]
    assert f"the vertical filters are worth {100 * whole:.1f} of 100 viewers" in text
    assert f"the right film is in the top 50 for 0 of 100 viewers instead of {100 * whole:.0f}" in text
    assert "Take only the vertical filters out and it is 0 of 100" in text
    assert "Trained without them from the start, the model may do as well" in text
    assert "- The vertical filters do most of the work." in read(open_page("compare", tour="6"))


def test_one_training_is_shown_without_a_conclusion(open_page, read, studied):
    found = study.load(studied)
    one = {name: {number: ranks[number] for number in list(ranks)[:1]} for name, ranks in found.items()}
    study.save(one, studied)
    text = read(open_page("compare", part="works"))
    assert "One training without each part: no conclusion is drawn" in text
    assert "`python -m caser study cinema-caser`" in text
    assert "from the start" not in text
    assert "random order costs" not in text


def test_protocols_show_what_is_there_as_soon_as_it_is_there(open_page, read, studied):
    path = study.path_of("cinema-caser")
    made = path.read_bytes()
    path.unlink()
    assert "HR@50 from 0.0%" not in read(open_page("compare", part="measured"))
    path.write_bytes(made)
    text = read(open_page("compare", part="measured"))
    assert "The same Caser, three numbers: HR@50 from 0.0% (seen films as well)" in text
    assert np.isfinite(studied.ranks.rank).all()


def test_lists_and_costs_are_those_of_the_models(open_page, table_frames):
    (table,) = table_frames(open_page("compare", part="lists"))
    table = table.set_index("Model")
    trained = checkpoint.load("cinema-caser")
    assert table.loc["Caser", "Parameters"] == f"{sum(w.numel() for w in trained.model.parameters()):,}"
    assert table.loc["Popularity", "Training"] == "–"
    novelty = table["Novelty, bits"].astype(float)
    assert novelty["Popularity"] == novelty.min()


def test_published_figures_stand_only_beside_the_same_data(open_page, table_frames):
    assert not any("Compared with ours" in frame.columns for frame in table_frames(open_page("compare")))


def test_the_line_up_can_be_saved_as_one_page(open_page):
    buttons = [one.proto for one in open_page("compare").get("download_button")]
    assert [one.label for one in buttons] == ["Save as one HTML page"]


PARTS = ("works", "pair", "numbers", "lists", "measured")


def open_parts(app) -> list[str]:
    return [name for name in PARTS if app.session_state[f"part-{name}"]]


def test_the_first_state_is_the_verdict_and_its_bars(open_page, read, table_frames):
    app = open_page("compare")
    assert open_parts(app) == []
    assert not table_frames(app)
    (bars,) = charts(app)
    assert len(bars["data"][0]["x"]) == 3
    assert "With a list of 50, Caser finds the next film for" in read(app)
    assert len(read(app).split()) < 200


def test_the_contents_list_links_to_every_part(open_page):
    app = open_page("compare", metric="mrr", part="pair")
    drawn = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    (contents,) = [one for one in drawn if "parts" in one]
    assert [part["name"] for part in contents["parts"]] == list(PARTS)
    assert all("metric=mrr" in part["address"] for part in contents["parts"])
    assert "part=pair%2Cworks" in contents["parts"][0]["address"]
    assert contents["open"] == "pair"
    assert [part["title"] for part in contents["parts"]] == [one.label for one in app.expander]


@pytest.mark.parametrize(
    ("params", "opened"),
    [
        ({"one": "MF"}, ["pair"]),
        ({"other": "Popularity"}, ["pair"]),
        ({"read": "MF"}, ["measured"]),
        ({"read": "MF", "one": "MF"}, ["pair", "measured"]),
        ({"part": "pair,numbers"}, ["pair", "numbers"]),
        ({"part": "", "one": "MF"}, []),
        ({"part": "works,nonsense"}, ["works"]),
    ],
)
def test_the_address_opens_parts_also_an_old_one(open_page, read, params, opened):
    app = open_page("compare", **params)
    assert open_parts(app) == opened
    assert ("part=`nonsense` in the address is no part" in read(app)) == ("nonsense" in str(params))


def test_choosing_a_model_in_a_part_keeps_it_open(open_page):
    app = open_page("compare", part="pair")
    app.selectbox(key="one").set_value("MF").run()
    assert open_parts(app) == ["pair"]
    assert app.query_params["one"] == "MF"


def test_the_address_may_name_a_checkpoint(open_page, read):
    app = open_page("compare", one="cinema-mf", read="cinema-mf")
    assert (app.selectbox(key="one").value, app.selectbox(key="read").value) == ("MF", "MF")
    assert "unknown" not in read(app)
    assert "one=`nobody` in the address is unknown" in read(open_page("compare", one="nobody"))
