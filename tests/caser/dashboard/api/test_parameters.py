"""What is given is what it says, or is refused by name with the remedy."""

from __future__ import annotations

import pytest

from caser.dashboard.api.parameters import LONGEST_QUERY, Switch, Text, Texts, Whole, exactly_one, read

ALL = (
    Text("model", "a model's name", required=True, longest=9),
    Texts("film", "a film, repeated for each", longest=9, most=3),
    Whole("k", "how many", default=10, low=1, high=100),
    Switch("rewatch", "also what was watched"),
)


def test_everything_is_read():
    found = read("model=a&film=Am%C3%A9lie&film=é&k=7&rewatch=true".encode(), ALL)
    assert found == {"model": "a", "film": ("Amélie", "é"), "k": 7, "rewatch": True}


def test_what_is_left_out_takes_its_default():
    assert read(b"model=a", ALL) == {"model": "a", "film": None, "k": 10, "rewatch": False}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("k=3", "model is missing; give a model's name"),
        ("model=", "model is empty; give a model's name"),
        ("model=a&model=b", "model is given 2 times; give it once"),
        ("model=abcdefghij", "model 'abcdefghij' has 10 letters; give at most 9"),
        ("model=a&film=abcdefghij", "film 'abcdefghij' has 10 letters"),
        ("model=a&film=1&film=2&film=3&film=4", "film is given 4 times; give it at most 3 times"),
        ("model=a&k=0", "k is '0'; give a whole number from 1 to 100"),
        ("model=a&k=101", "k is '101'"),
        ("model=a&k=1e2", "k is '1e2'"),
        ("model=a&k=%D9%A3", "k is '٣'"),
        ("model=a&k=" + 60 * "9", f"k is '{40 * '9'}…'"),
        ("model=a&rewatch=yes", "rewatch is 'yes'; give true or false"),
        ("model=a&colour=red", "there is no parameter 'colour'; give some of model, film, k, rewatch"),
        ("model=" + LONGEST_QUERY * "a", "the query has 8,198 bytes; give at most 8,192"),
    ],
)
def test_what_cannot_be_is_named_with_the_remedy(query, said):
    with pytest.raises(ValueError, match=r"^") as refused:
        read(query.encode(), ALL)
    assert said in str(refused.value)


def test_one_of_several_is_wanted():
    exactly_one({"user": "1", "sequence": None}, ("user", "sequence"))
    for values in ({"user": None, "sequence": None}, {"user": "1", "sequence": ("2",)}):
        with pytest.raises(ValueError, match="give one of user, sequence"):
            exactly_one(values, ("user", "sequence"))
