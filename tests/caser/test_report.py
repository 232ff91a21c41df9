"""The report: its figures are those of the evaluation, it asks nobody for anything, and names stay text."""

import dataclasses
from html import escape
from html.parser import HTMLParser

import numpy as np
import pytest

from caser import data, files, report, study
from caser.checkpoint import CheckpointError, load
from caser.data.dataset import split
from caser.evaluation import METRICS, Ranks, compare
from caser.field.standings import standings
from caser.field.verdict import p_said, verdict
from caser.report import Entry

HOSTILE = '<script src="http://elsewhere.test/x.js"></script>'


@pytest.fixture(scope="module")
def parts():
    return split(data.load("cinema"))


def entry(parts, name, share, changed=None):
    """A model whose ranks are a share of the catalogue, drawn anew for each name."""
    users, rng = parts.evaluated, np.random.default_rng(len(name))
    most = parts.dataset.n_items - 60
    rank = np.floor(rng.random(len(users)) * share * most)
    return Entry(name, "mf", Ranks(users, rank, np.full(len(users), most)), changed=changed)


def test_it_holds_the_means_the_tests_and_who_leads(parts):
    best, close, far = entry(parts, "best", 0.2), entry(parts, "near 1", 0.21), entry(parts, "far away", 1.0)
    page = report.html([far, best, close], parts, "hr@50")
    table = standings([best, close, far], "hr@50")
    assert f"{verdict(table)}." in page
    for one in (close, far):
        assert escape(p_said(table.pair("best", one.name).over_users.p_corrected)) in page
    for one in (best, close, far):
        assert METRICS["ndcg@10"].said(one.ranks.means()["ndcg@10"]) in page
    assert METRICS["hr@50"].signed(compare(best.ranks, far.ranks, "hr@50").difference) in page
    assert "(simulated viewers)" in page


def asked_for(page) -> list[str]:
    """Every address in a tag."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.extend(v for k, v in attributes if k in ("src", "href"))
    parser.feed(page)
    return found


def test_it_loads_nothing_and_takes_names_literally(parts):
    page = report.html([entry(parts, HOSTILE, 0.2), entry(parts, "b", 0.5)], parts)
    assert "<script" not in page
    assert "&lt;script" in page
    assert asked_for(page) == ["data:,"]
    assert "default-src 'none'" in page
    assert len(page.encode()) < 5_000_000


def test_what_does_the_work_is_told_where_it_was_measured(parts):
    whole = entry(parts, "a", 0.2)
    changed = {"whole": whole.ranks, f"v {study.OFF}": entry(parts, "bb", 0.9).ranks, study.SEEN: whole.ranks}
    found = {name: {0: ranks} for name, ranks in changed.items()}
    page = report.html([dataclasses.replace(whole, changed=found)], parts, "hr@10")
    difference = changed[f"v {study.OFF}"].means()["hr@10"] - whole.ranks.means()["hr@10"]
    assert METRICS["hr@10"].signed(difference) in page
    assert "What does the work in a" in page
    assert "Take the vertical filters out of the trained model and the right film is in the top 10 for" in page
    assert "`python -m caser study a`" in page  # nothing was trained without a part
    assert study.SEEN not in page  # another protocol, no part of the model
    assert "What does the work" not in report.html([whole], parts)


def test_models_of_other_data_or_users_are_refused(parts, cycle):
    one = entry(parts, "a", 0.2)
    few = Ranks(one.ranks.users[:9], one.ranks.rank[:9], one.ranks.candidates[:9])
    with pytest.raises(ValueError, match="different users"):
        report.html([one, dataclasses.replace(one, name="b", ranks=few)], parts)
    with pytest.raises(ValueError, match="at least one model"):
        report.html([], parts)
    with pytest.raises(CheckpointError, match="was trained on cinema"):
        report.entries([load("cinema-mf")], cycle)


@pytest.mark.parametrize("where", ["none/page.html", "."])
def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path, where):
    with pytest.raises(ValueError, match="give --out a file in a folder"):
        files.write_asked(tmp_path / where, "text")
    assert not list(tmp_path.iterdir())
