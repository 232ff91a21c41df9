"""What is kept comes back equal; what is damaged does not come back."""

import numpy as np
import pandas as pd
import pytest

from caser.data import parsed
from caser.data.dataset import from_interactions


@pytest.fixture
def homes(monkeypatch, tmp_path):
    """The chosen data folder and the one in the home directory."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CASER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data", tmp_path / "home" / ".cache" / "caser"


def dataset(**options):
    rows = [(10, "Ökonom", 1990, ("Drama", "War")), (20, 'The "Quoted" One', 0, ()), (30, "Sol 日", 2001, ("Comedy",))]
    catalogue = pd.DataFrame(rows, columns=["item_id", "title", "year", "genres"])
    user, item, time = np.array([7, 7, 9]), np.array([30, 10, 20]), np.array([2, 1, 5])
    catalogue = catalogue.assign(**options.pop("links", {}))
    rating = np.array([3, 4.5, 1])
    return from_interactions("tiny", user, item, time, rating, catalogue, licence="a licence", **options)


def assert_equal(a, b):
    for field in parsed.ARRAYS:
        x, y = getattr(a, field), getattr(b, field)
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)
    pd.testing.assert_frame_equal(a.catalogue, b.catalogue)
    assert (a.checksum, a.licence, a.name, a.simulated) == (b.checksum, b.licence, b.name, b.simulated)
    assert a.notes == b.notes


def test_kept_comes_back_equal(homes):
    path = parsed.keep("tiny-1", dataset())
    assert path == homes[0] / "parsed" / "tiny-1.npz"
    assert_equal(parsed.recall("tiny-1", "tiny", "a licence"), dataset())
    assert parsed.recall("tiny-2", "tiny", "") is None
    assert [p.name for p in path.parent.iterdir()] == ["tiny-1.npz"]


def test_notes_and_links_come_back_too(homes):
    whole = dataset(notes=("Lost letters: \ufffd",), links={"imdb_id": [1, 0, 3], "tmdb_id": [0, 2**40, 0]})
    parsed.keep("tiny-1", whole)
    assert_equal(parsed.recall("tiny-1", "tiny", "a licence"), whole)
    parsed.keep("tiny-2", dataset(links={"imdb_id": [1, 0, 3]}))
    assert_equal(parsed.recall("tiny-2", "tiny", "a licence"), dataset(links={"imdb_id": [1, 0, 3]}))


def test_falls_back_to_the_home_folder(homes):
    homes[0].write_text("a file, so nothing can be written below it")
    assert parsed.keep("tiny-1", dataset()) == homes[1] / "parsed" / "tiny-1.npz"
    assert_equal(parsed.recall("tiny-1", "tiny", "a licence"), dataset())


def test_says_so_where_nothing_can_be_written(homes, caplog):
    homes[0].write_text("in the way")
    homes[1].parent.mkdir(parents=True)
    homes[1].write_text("in the way")
    assert parsed.keep("tiny-1", dataset()) is None
    assert "tiny will be parsed anew every time" in caplog.text
    assert "set CASER_DATA_DIR" in caplog.text


@pytest.mark.parametrize("damage", ["empty", "garbage", "cut", "flipped", "other arrays"])
def test_damaged_is_not_used(homes, caplog, damage):
    path = parsed.keep("tiny-1", dataset())
    data = path.read_bytes()
    at = data.index(dataset().user_ids.tobytes())
    changed = {
        "empty": b"",
        "garbage": b"not a zip file at all",
        "cut": data[:-30],
        "flipped": data[:at] + b"\xff" + data[at + 1 :],
    }
    if damage in changed:
        path.write_bytes(changed[damage])
    else:
        np.savez(path, item=np.arange(3))
    assert parsed.recall("tiny-1", "tiny", "") is None
    assert "is damaged" in caplog.text


def test_nothing_is_left_of_a_failed_write(homes, monkeypatch):
    def fail(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    assert parsed.keep("tiny-1", dataset()) is None
    assert [p for p in homes[0].parent.rglob("*") if p.is_file()] == []


def test_the_key_follows_the_content(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("one")
    b.write_text("one")
    assert parsed.key_of("tiny", [a]) == parsed.key_of("tiny", [b])
    assert parsed.key_of("tiny", [a]).startswith("tiny-")
    b.write_text("two")
    assert parsed.key_of("tiny", [a]) != parsed.key_of("tiny", [b])
