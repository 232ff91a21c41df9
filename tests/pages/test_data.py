"""Data: sizes, charts and the windows of one viewer."""

from __future__ import annotations

from caser import data


def test_sizes_are_the_data_sets(open_page):
    dataset = data.load("cinema")
    values = [card.value for card in open_page("data").metric]
    assert values[:3] == [f"{dataset.n_users:,}", f"{dataset.n_items:,}", f"{len(dataset):,}"]


def test_charts_state_their_takeaways(open_page, read):
    text = read(open_page("data"))
    for part in ("Half of the viewers watched", "The most watched tenth", "gets more views than its share"):
        assert part in text
    assert "No films are watched at the same time" in text  # simulated times never tie
    assert text.count("· simulated viewers") == 4


def test_the_last_window_predicts_the_held_out_film(open_page, table_frames, cinema_split):
    app = open_page("data", user="3")
    window = table_frames(app)[0]
    user = cinema_split.dataset.user_index(3)
    target = cinema_split.item[cinema_split.end("test")[user]]
    assert window.shape == (8, 6)
    assert cinema_split.dataset.catalogue["title"][target] in window["next"].iloc[-1]
    assert window.iloc[1, :5].tolist() == window.iloc[0, 1:].tolist()


def test_works_without_any_checkpoint(open_page, tmp_path, monkeypatch):
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(tmp_path / "none"))
    assert open_page("data").metric[1].value == f"{data.load('cinema').n_items:,}"


def test_a_short_sequence_is_padded(open_page, table_frames):
    window = table_frames(open_page("data", sequence="1,2"))[0]
    assert window.iloc[0].tolist()[:5] == ["·"] * 5
