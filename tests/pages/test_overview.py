"""Overview: the gain on MF, an example, and the way to the other pages."""

from __future__ import annotations

import shutil
import threading

from caser import checkpoint
from caser.dashboard.waiting import first_download as download
from caser.data import movielens
from tests.stored import set_fields


def test_says_what_caser_is_and_how_much_it_gains(open_page, read):
    app = open_page("overview")
    ranks = checkpoint.load("cinema-caser").ranks
    assert "Caser reads the last 5 films" in read(app)
    assert [card.value for card in app.metric] == [f"{100 * ranks.means()[m]:.0f} of 100" for m in ("hr@50", "auc")]
    low, high = ranks.intervals()["hr@50"]
    assert f"95 % interval {low:.1%} to {high:.1%}" in read(app)


def test_shows_an_example_with_the_truth_marked_and_says_it_is_picked(open_page, read):
    text = read(open_page("overview"))
    assert "★ Watched next" in text
    assert "Chosen as an extreme: Caser's clearest win over MF" in text


def test_labels_simulated_viewers_and_shows_the_licence(open_page, read):
    text = read(open_page("overview"))
    assert "simulated viewers" in text
    assert "Film facts written by hand" in text


def test_without_network_cinema_is_shown_with_a_notice_and_a_retry(open_page, read):
    app = open_page("overview")
    assert "MovieLens 100K could not be fetched" in read(app)
    assert "there is no network" in reasons(app)
    app.button[0].click().run()
    assert not app.exception
    assert "MovieLens 100K could not be fetched" in read(app)


def test_a_fetch_under_way_shows_its_progress_and_cinema_meanwhile(open_page, read, monkeypatch):
    arrived = threading.Event()

    def slow(name, progress, timeout):
        progress(1_500_000, 5_000_000)
        arrived.wait(20)
        raise movielens.DataError("the connection broke")

    monkeypatch.setattr(movielens, "fetch", slow)
    app = open_page("overview")
    assert "1.5 MB of 5.0 MB" in app.get("progress")[0].proto.text
    assert app.metric
    arrived.set()
    download.first_download().wait(5)
    assert "the connection broke" in reasons(app.run())


def test_a_broken_checkpoint_gives_a_notice(open_page, read, checkpoints, tmp_path, monkeypatch):
    for path in checkpoints.iterdir():
        shutil.copy(path, tmp_path)
    (tmp_path / "cinema-caser.safetensors").write_bytes(b"broken")
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    app = open_page("overview")
    assert "1 cannot be read" in [part.label for part in app.expander]
    assert "cannot load" in read(app)
    assert app.selectbox(key="model picker").options == ["cinema-mf"]  # the others are there all the same
    asked = read(open_page("overview", model="cinema-caser"))
    assert "cinema-caser.safetensors" in asked


def test_without_a_checkpoint_it_says_how_to_make_one(open_page, read, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "none"))
    text = read(open_page("overview"))
    assert "python -m caser train --dataset cinema --model caser --name cinema-caser" in text


def test_without_mf_the_gain_is_left_out(open_page, checkpoints, tmp_path, monkeypatch):
    shutil.copy(checkpoints / "cinema-caser.safetensors", tmp_path)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    app = open_page("overview")
    assert [card.delta for card in app.metric] == ["", ""]


def test_a_checkpoint_of_other_data_is_refused_by_name(open_page, read, checkpoints, tmp_path, monkeypatch):
    shutil.copy(checkpoints / "cinema-caser.safetensors", tmp_path)
    set_fields(tmp_path / "cinema-caser.safetensors", dataset_checksum="0" * 32)
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path))
    text = read(open_page("overview"))
    assert "'cinema-caser' was trained on cinema with checksum 000" in text


def reasons(app) -> str:
    """What stands behind the calm lines, for those who ask."""
    return "\n".join(caption.help or "" for caption in app.caption)
