"""Checkpoints and data deleted, damaged or replaced behind the running app: a sentence, never a red box."""

import shutil

import pytest

from caser import checkpoint
from tests.stored import set_fields

PAGES = ("overview", "recommend", "filters", "compare", "chapter", "train", "data")


@pytest.fixture
def own(checkpoints, tmp_path, monkeypatch):
    """Checkpoints that may be harmed."""
    folder = shutil.copytree(checkpoints, tmp_path / "own")
    monkeypatch.setenv("CASER_CHECKPOINT_DIR", str(folder))
    return folder


def damage(path):
    path.write_bytes(path.read_bytes()[:-5] + b"wrong")


def replace(path):
    shutil.copy(path.with_name("cinema-mf.safetensors"), path)


def forge(path):
    set_fields(path, item_ids=[1, 2, 3])


HARM = {"deleted": lambda path: path.unlink(), "damaged": damage, "replaced": replace, "forged": forge}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("page", PAGES)
def test_a_checkpoint_harmed_behind_the_app_is_a_sentence(own, open_page, read, page, harm):
    params = {"data": "cinema", "model": "cinema-caser"}
    app = open_page(page, **params)
    HARM[harm](own / "cinema-caser.safetensors")
    app.run()
    assert not app.exception
    assert not open_page(page, **params).exception


@pytest.mark.parametrize("page", PAGES)
def test_a_folder_of_checkpoints_deleted_behind_the_app_is_a_sentence(own, open_page, page):
    app = open_page(page, data="cinema")
    shutil.rmtree(own)
    app.run()
    assert not app.exception


@pytest.mark.parametrize("harm", ["deleted", "damaged", "cut"])
@pytest.mark.parametrize("page", PAGES)
def test_data_harmed_behind_the_app_is_a_sentence(offline, open_page, read, page, harm):
    folder = offline / "ml-100k"
    folder.mkdir(parents=True)
    ratings = "".join(f"{u}\t{(u + i) % 9 + 1}\t4\t{i}\n" for u in range(1, 9) for i in range(6))
    (folder / "u.data").write_text(ratings)
    (folder / "u.item").write_text("".join(f"{i}|Film {i} (1990)|01-Jan-1990||x|0|1\n" for i in range(1, 10)))
    (folder / "u.genre").write_text("unknown|0\nDrama|1\n")
    app = open_page(page, data="ml-100k")
    if harm == "deleted":
        shutil.rmtree(folder)
    else:
        (folder / "u.data").write_text(ratings[:-3] + "x" if harm == "damaged" else ratings[: len(ratings) // 2])
    app.run()
    assert not app.exception
    if harm == "cut" and page == "data":
        assert "where 100,000 were published" in read(app)
    else:
        assert "ml-100k" in read(app) or "MovieLens 100K" in read(app)


def test_a_model_replaced_behind_the_app_is_the_one_that_is_used(own, open_page, read):
    app = open_page("recommend", data="cinema", model="cinema-caser")
    assert checkpoint.describe("cinema-caser").config.model.name == "caser"
    replace(own / "cinema-caser.safetensors")
    app.run()
    assert not app.exception
    assert checkpoint.describe("cinema-caser").config.model.name == "mf"
