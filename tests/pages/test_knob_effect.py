"""What turned knobs do for all viewers, beside the picture: said once it is known, and never waited for."""

from __future__ import annotations

import threading

import pytest
from streamlit.testing.v1 import AppTest

from caser.dashboard import results
from caser.explain import knobs as library
from caser.field.knobs import sentence


def page():
    import streamlit as st

    from caser.dashboard import selection
    from caser.dashboard.picture import knob_effect
    from caser.dashboard.view import look_at

    knob_effect.draw(look_at(selection.selection()))
    st.text("below")


@pytest.fixture
def open_view(offline, checkpoints):
    """The sentence's part of a page, alone."""

    def open_view(**params: str) -> AppTest:
        app = AppTest.from_function(page, default_timeout=30)
        for key, value in ({"data": "cinema"} | params).items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        assert [one.value for one in app.text] == ["below"]
        return app

    return open_view


def said(app: AppTest) -> list[str]:
    return [one.value for one in app.markdown]


def test_nothing_is_said_of_a_model_as_trained(open_view):
    for turn in ("", "v:1", "who:0.5"):
        assert not said(open_view(turn=turn))
    assert not said(open_view())


def test_the_sentence_is_the_librarys(open_view, checkpoints, cinema_split):
    from caser import checkpoint

    app = open_view(turn="v:0,1a:2")
    trained = checkpoint.load("cinema-caser")
    knobs = library.Knobs.parse("v:0,1a:2", trained.model)
    assert said(app) == [sentence(library.effect(trained.model, knobs, cinema_split))]
    assert "of 100 viewers" in said(app)[0]


def test_what_cannot_be_used_is_said_and_the_rest_is_measured(open_view):
    app = open_view(turn="v:0,9z:1,V1:x<b>,who:7,h:-9,p:99")
    assert len(said(app)) == 1
    assert app.warning[0].value.startswith("This caser model has no filter 9z")
    assert len(app.warning) == 3  # no address floods the page


def test_a_model_without_knobs_says_so(open_view):
    app = open_view(turn="v:0", model="cinema-mf")
    assert not said(app)
    assert "no vertical filters" in app.warning[0].value


def test_the_page_goes_on_while_it_is_worked_out_and_each_setting_is_worked_out_once(open_view, monkeypatch):
    go_on, asked = threading.Event(), []
    effect = library.effect

    def slow(model, knobs, *rest):
        asked.append(knobs.text)
        assert go_on.wait(30)
        return effect(model, knobs, *rest)

    monkeypatch.setattr(results.knobs, "effect", slow)
    app = open_view(turn="v:-1.35")
    assert "Trying this on all viewers" in app.get("progress")[0].proto.text
    assert not said(app)
    go_on.set()
    app.run()
    assert len(said(app)) == 1
    assert not app.get("progress")
    open_view(turn="v:-1.350")
    assert asked == ["v:-1.35"]
