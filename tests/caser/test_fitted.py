"""The three lines: a frame in, frames out, and what shows itself in a notebook."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import caser
from caser import data
from caser.recommend import COLUMNS

SMALL = {"d": 8, "epochs": 2, "patience": 0, "refit": False}
CASER = {"L": 3, "n_h": 2, "n_v": 1, "T": 1, "backwards": 0.0}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """What 200 of cinema's viewers watched, one row each time, under names that somebody might give."""
    cinema = data.load("cinema")
    n = cinema.offset[200]
    titles = cinema.catalogue["title"].to_numpy()[cinema.item[:n]]
    who = [f"viewer {user}" for user in cinema.user_of_interaction()[:n]]
    when = pd.to_datetime(cinema.timestamp[:n], unit="s")
    ids = cinema.item_ids[cinema.item[:n]]
    return pd.DataFrame({"person": who, "film_id": ids, "title": titles, "watched_at": when})


@pytest.fixture(scope="module")
def fitted(frame):
    return caser.fit(frame, noun="film", **SMALL, **CASER)


def test_three_lines_end_in_a_list(fitted):
    listed = fitted.recommend(["Alien", "Aliens"], k=5)
    assert [*listed.columns][: len(COLUMNS)] == [*COLUMNS]
    assert listed["rank"].tolist() == [1, 2, 3, 4, 5]
    assert listed["score"].is_monotonic_decreasing
    assert not {"Alien", "Aliens"} & {*listed["title"]}
    assert "<table" in listed._repr_html_()


def test_a_user_of_the_frame_is_known_by_the_own_id(fitted):
    listed = fitted.recommend(user="viewer 7", k=3)
    history = fitted.split.history(fitted.dataset.find_user("viewer 7")).tolist()
    assert not {*listed["item_id"]} & {fitted.dataset.item_id(item) for item in history}


def test_polars_and_pandas_give_the_same_model(frame, fitted):
    polars = pytest.importorskip("polars")
    other = caser.fit(polars.from_pandas(frame), noun="film", **SMALL, **CASER)
    assert other.dataset.checksum == fitted.dataset.checksum
    pd.testing.assert_frame_equal(other.recommend(["Alien"]), fitted.recommend(["Alien"]))


def test_a_reason_adds_up_to_the_score_and_shows_itself(fitted):
    why = fitted.explain("Rocky", ["Alien", "Aliens"])
    assert why.frame["value"].sum() == pytest.approx(why.explanation.score, abs=0.01)
    assert "Alien" in " ".join(why.frame["part"])
    assert "plotly" in why._repr_html_()


def test_a_reason_of_a_model_that_cannot_be_taken_apart_has_a_row_for_each_item_read(cinema_split):
    model = caser.fit("cinema", "gru4rec", **SMALL, L=4)
    why = model.explain("Rocky", ["Alien", "Aliens"])
    assert len(why.frame) == 2
    assert "plotly" in why._repr_html_()
    assert "<table" in model._repr_html_()


def test_similar_items_come_nearest_first(fitted):
    alike = fitted.similar("Alien", k=4)
    assert len(alike) == 4
    assert alike["cosine"].is_monotonic_decreasing
    assert "Alien" not in [*alike["title"]]


def test_metrics_come_with_their_intervals(fitted):
    found = fitted.evaluate()
    assert ((found["low"] <= found["mean"]) & (found["mean"] <= found["high"])).all()
    assert found.loc["HR@10", "mean"] == fitted.trained.ranks.means()["hr@10"]
    assert found.loc["HR@10", "users"] == len(fitted.split.evaluated)


def test_a_caser_shows_its_picture(fitted):
    assert fitted._repr_html_().startswith("<iframe srcdoc=")
    assert "265 items and 200 users" in repr(fitted)


def test_models_of_one_frame_are_compared(frame, fitted):
    counted = caser.fit(frame, "covisit", noun="film")
    compared = caser.compare(fitted, counted, metric="hr@10")
    assert compared.frame["HR@10"].is_monotonic_decreasing
    assert {*compared.frame.index} == {"Caser", "Covisit"}
    assert np.isnan(compared.frame["p"].iat[0])
    assert compared.verdict.endswith(".")
    assert "your data frame" in compared._repr_html_()


def test_a_checkpoint_is_loaded_by_its_name(checkpoints):
    loaded = caser.load("cinema-mf")
    assert loaded.evaluate().loc["HR@10", "mean"] == loaded.trained.ranks.means()["hr@10"]
    assert [*caser.compare("cinema-caser", loaded).frame.columns] == ["NDCG@10", "low", "high", "trainings", "p"]


def test_index_and_words_beside_numbers_are_no_obstacle(frame):
    odd = frame.assign(film_id=[f"x{i}" if i % 2 else i for i in frame["film_id"]]).set_index("title")
    assert caser.fit(odd, "popularity").dataset.n_items == 265


def without(frame: pd.DataFrame, column: str, every: int) -> pd.DataFrame:
    """The frame with NaN in every so many rows of a column."""
    return frame.assign(**{column: frame[column].where(np.arange(len(frame)) % every > 0)})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda frame: frame[["film_id"]], "one column, 'film_id'"),
        (lambda frame: without(frame, "person", 5), r"rows \(20.0%\) cannot be read: row 1: its user is ''"),
        (lambda frame: frame.assign(person="me"), "no more; a model learns from several users|Say which is which"),
        (lambda frame: frame.iloc[:0], "no row|no columns|none"),
        (lambda frame: frame["title"], "give a data frame of pandas or polars"),
        (lambda frame: [1, 2], "give a data frame of pandas or polars"),
        (lambda frame: pd.concat([frame, frame["title"]], axis=1), "give a data frame|two of one name"),
    ],
)
def test_a_frame_that_cannot_be_is_refused_with_the_remedy(frame, spoil, said):
    with pytest.raises(ValueError, match=said):
        caser.fit(spoil(frame), "popularity")


def test_rows_that_cannot_be_read_are_left_out_where_that_is_allowed(frame):
    books = pd.DataFrame({"film_id": frame["film_id"].unique(), "title": "A book", "year": 1999})
    spoilt = without(frame, "person", 5).drop(columns="title")
    model = caser.fit(spoilt, "popularity", items=books, bad_share=0.3, k_core=2, noun="book")
    assert {*model.recommend(user="viewer 7")["year"]} == {1999}
    assert model.source.noun == "book"


def test_columns_that_cannot_be_told_are_asked_for_and_can_be_named(frame):
    unclear = pd.DataFrame({"a": frame["film_id"] % 97, "b": frame["film_id"] % 89})
    with pytest.raises(ValueError, match=r"In Python: caser\.fit"):
        caser.fit(unclear, "popularity")
    assert caser.fit(unclear, "popularity", columns={"user": "a", "item": "b"}).dataset.n_users <= 97
    with pytest.raises(ValueError, match="role of a column"):
        caser.fit(unclear, "popularity", columns={"viewer": "a"})


def test_what_is_asked_wrongly_is_said(fitted, checkpoints):
    with pytest.raises(ValueError, match="either a history"):
        fitted.recommend()
    with pytest.raises(ValueError, match="no user 'nobody'"):
        fitted.recommend(user="nobody")
    with pytest.raises(ValueError, match="Xyzzy"):
        fitted.explain("Xyzzy", ["Alien"])
    with pytest.raises(ValueError, match="has no setting 'depth'"):
        caser.fit("cinema", depth=3)
    with pytest.raises(ValueError, match="two models or more"):
        caser.compare(fitted)
    with pytest.raises(ValueError, match="of different data sets"):
        caser.compare(fitted, "cinema-mf")
    with pytest.raises(ValueError, match="no checkpoint 'nothing'"):
        caser.load("nothing")
    with pytest.raises(ValueError, match="no vectors of items"):
        caser.fit("cinema", "neumf", **SMALL).similar("Alien")


def test_only_what_there_is_can_be_imported():
    with pytest.raises(AttributeError, match="no attribute 'train'"):
        caser.train  # noqa: B018


def test_a_list_is_narrowed_and_varied(fitted):
    listed = fitted.recommend(["Alien"], viewers="20-", without=["Aliens"], variety=0.5, k=5)
    views = fitted.dataset.views[[fitted.dataset.item_index(own) for own in listed["item_id"]]]
    assert (views >= 20).all()
    assert "Aliens" not in set(listed["title"])
    assert listed["rank_of_all"].iat[0] == listed["rank_of_all"].min()
    with pytest.raises(ValueError, match="frame has no genres"):
        fitted.recommend(["Alien"], genres=["Comedy"])
