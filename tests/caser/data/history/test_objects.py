"""JSON as services export it: nested, in pages, one object a line; and texts that only begin as JSON does."""

from __future__ import annotations

import json

import pytest

from caser.data.history import HistoryError, read, read_pasted
from caser.data.history.objects import rows


@pytest.mark.parametrize(
    "text",
    [
        '[{"movie": {"title": "Heat", "year": 1995}}]',
        '{"movie": {"title": "Heat", "year": 1995}}',
        '{"count": 1, "movies": [{"movie": {"title": "Heat", "year": 1995}}]}',
        '[[{"movie": {"title": "Heat", "year": 1995, "genres": ["crime"]}}], []]',
        '{"movie": {"title": "Heat", "year": 1995}}\n\n{"movie": {"title": "Heat", "year": 1995}}\n',
    ],
)
def test_objects_are_found_wherever_they_stand(text):
    assert rows("a.json", text)[0] == {"movietitle": "Heat", "movieyear": "1995"}


def test_a_list_of_texts_is_a_list_of_titles():
    assert [one.title for one in read("a.json", b'["Alien (1979)", "Heat"]').entries] == ["Alien", "Heat"]


def test_a_pasted_text_may_be_json_or_only_begin_like_it():
    assert read_pasted('[{"title": "Heat", "year": 1995}]').entries[0].year == 1995
    assert [one.title for one in read_pasted("[REC] (2007)\nHeat").entries] == ["[REC]", "Heat"]
    assert [one.title for one in read_pasted("[1917]\n[2012]").entries] == ["[1917]", "[2012]"]


def test_letters_that_cannot_be_printed_are_replaced():
    (one,) = read("a.json", rb'[{"title": "A\ud800b\u0000c\u001bd"}]').entries
    assert one.title == "A?b c d"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"a": 1,', "a.json is no JSON that can be read (Expecting"),
        ("[" * 100_000, "a.json is no JSON that can be read"),
        ('{"a":' * 5_000, "a.json is no JSON that can be read"),
        ("Heat", "a.json is no JSON that can be read"),
        ("[]", "a.json is JSON without an entry; export it"),
        ("7", "a.json is JSON without an entry; export it"),
        ('[{"colour": "red", "size": {"height": 3}}]', "the fields 'colour, sizeheight' of its entries are unknown"),
    ],
)
def test_json_that_holds_no_history_is_refused_with_a_remedy(text, said):
    with pytest.raises(HistoryError) as caught:
        read("a.json", text.encode())
    assert said in str(caught.value)
    assert "export it" in str(caught.value)


def test_what_is_wrong_with_an_entry_is_named_by_its_place():
    content = json.dumps([{"title": "Heat", "year": "soon"}, {"title": "Alien", "year": 1979}]).encode()
    assert "the year cannot be read (entry 1 'soon')" in read("a.json", content).notes[0]
