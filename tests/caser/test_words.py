"""Pages speak of what the data set holds; of films they say exactly what is written."""

import pytest
from streamlit.testing.v1 import AppTest

from caser.data.text import plural
from caser.words import W, spoken


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("film", "Films that viewers watched: a film; A film, watched next"),
        ("movie", "Films that viewers watched: a film; A film, watched next"),
        ("book", "Books that users picked: a book; A book, picked next"),
        ("item", "Items that users picked: an item; An item, picked next"),
        ("story", "Stories that users picked: a story; A story, picked next"),
    ],
)
def test_the_words_are_those_of_the_data(noun, said):
    app = AppTest.from_string(SCRIPT.format(noun=noun)).run()
    assert [text.value for text in app.text] == [said]


SCRIPT = """
import streamlit as st
from caser.dashboard.runtime.speech import speak_of
from caser.words import W, spoken
speak_of({noun!r})
st.text(f"{{W.Films}} that {{W.viewers}} {{W.watched}}: {{W.a_film}}; {{spoken('A film, watched next')}}")
"""


def test_outside_of_a_page_they_are_those_of_films():
    assert (W.films, W.Viewer, spoken("watched")) == ("films", "Viewer", "watched")


@pytest.mark.parametrize(
    ("noun", "several"), [("box", "boxes"), ("toy", "toys"), ("dish", "dishes"), ("hobby", "hobbies")]
)
def test_several_of_it(noun, several):
    assert plural(noun) == several
