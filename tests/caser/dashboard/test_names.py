"""Text from outside stays text: in Markdown and in charts."""

import dataclasses

import pytest

from caser import data
from caser.dashboard import names
from caser.dashboard.names import literal, no_formula, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Alien (1979)", "Alien (1979)"),
        ("**bold** [x](y)", r"\*\*bold\*\* \[x\](y)"),
        ("M*A*S*H", r"M\*A\*S\*H"),
        (":red[x]", r"\:red\[x\]"),
        ("<b>", r"\<b\>"),
        ("# not a heading", r"\# not a heading"),
        ("- no list", r"\- no list"),
        ("101. Dalmatians", r"101\. Dalmatians"),
        ("two\nlines", "two lines"),
        ("HR@50 of 3.5", "HR@50 of 3.5"),
        ("Face/Off: 1997", "Face/Off: 1997"),
    ],
)
def test_markdowns_signs_are_taken_literally(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "www.evil.test",
        "_www.evil.test",
        "http://evil.test",
        "me@evil.test",
        ":smile:",
        ":material/delete:",
        "a->b",
        "a--b",
    ],
)
def test_an_address_is_broken_without_being_changed_to_the_eye(text):
    assert text not in plain(text)
    assert plain(text).replace("\u200b", "").replace("\\", "") == text


def test_the_name_of_a_data_set_is_no_address_and_no_markup(monkeypatch):
    source = data.source(data.EMBEDDED)
    monkeypatch.setattr(data, "source", lambda name: dataclasses.replace(source, label=name))
    assert "www." not in names.dataset("www.evil.test")
    assert names.dataset("a_b_c") == r"a\_b\_c"


def test_no_tag_and_no_entity_is_left_for_a_chart():
    assert literal("<b>x</b> &lt;") == "<\u200bb>x<\u200b/b> &\u200blt;"
    assert literal("Tango & Cash") == "Tango &\u200b Cash"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_cell_is_no_formula(text):
    assert no_formula(text) == f"'{text}"
    assert no_formula(f"x{text}") == f"x{text}"
