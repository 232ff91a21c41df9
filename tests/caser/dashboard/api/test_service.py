"""What programs get: the rows of the command line, or what is wrong and how to right it."""

from __future__ import annotations

import json
import logging
import threading

import pytest

from caser import checkpoint, cli, data
from caser.dashboard import loaders, public
from caser.dashboard.api import questions, service
from caser.dashboard.api.rate import BURST
from caser.data import own, table

CASER = {"model": "cinema-caser"}


def printed(capsys, *words: str):
    """What the command line says in JSON."""
    assert cli.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("name", "query", "flags"),
    [
        ("recommend", {"user": 5, "k": 3}, ["--user", "5", "-k", "3"]),
        ("recommend", {"sequence": ["Alien", "id:9"], "rewatch": "1"}, ["--sequence", "Alien", "id:9", "--rewatch"]),
        (
            "recommend",
            {"user": 5, "genre": ["comedy", "War"], "years": "1970-1999", "without": "Airplane!", "variety": ".5"},
            [
                "--user",
                "5",
                "--genre",
                "comedy",
                "War",
                "--years",
                "1970-1999",
                "--without",
                "Airplane!",
                "--variety",
                ".5",
            ],
        ),
        ("explain", {"user": 5, "item": "alien"}, ["--user", "5", "--item", "alien"]),
        ("explain", {"sequence": ["Alien"], "item": 9}, ["--sequence", "Alien", "--item", "9"]),
        ("similar", {"item": "Alien", "k": 4}, ["--item", "Alien", "-k", "4"]),
    ],
)
@pytest.mark.parametrize("model", ["cinema-caser", "cinema-mf"])
def test_answers_are_those_of_the_command_line(ask, capsys, model, name, query, flags):
    answer = ask(name, {"model": model, **query})
    assert answer.status == 200
    assert answer.said == printed(capsys, name, model, *flags)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("name", "query", "status", "said"),
    [
        ("recommend", {"user": 1}, 400, "model is missing"),
        ("recommend", CASER, 400, "user and sequence are missing; give one of user, sequence"),
        ("recommend", {**CASER, "user": 1, "sequence": "Alien"}, 400, "user and sequence are given"),
        ("recommend", {**CASER, "user": 1, "k": 101}, 400, "k is '101'; give a whole number from 1 to 100"),
        ("recommend", {"model": "no", "user": 1}, 404, "unknown model 'no'; choose one of cinema-caser, cinema-mf"),
        ("recommend", {"model": "../x/cinema-caser", "user": 1}, 404, "choose one of cinema-caser"),
        ("recommend", {**CASER, "user": 801}, 404, "no user 801 in cinema; its 800 user ids run from 1 to 800"),
        ("recommend", {**CASER, "sequence": "Zzzzz"}, 404, "no film 'Zzzzz' in cinema; give a title or an item id"),
        ("recommend", {**CASER, "user": 1, "genre": "Comdy"}, 400, "no genre 'Comdy' in cinema; give one of Comedy"),
        ("recommend", {**CASER, "user": 1, "years": "9-1"}, 400, "has the larger number first; write 1-9"),
        ("recommend", {**CASER, "user": 1, "variety": "2"}, 400, "variety is '2'; give a number from 0 to 1"),
        ("explain", {**CASER, "user": 1}, 400, "item is missing"),
        ("nothing", {}, 404, "there is no /api/nothing; ask one of /api/recommend, /api/explain, /api/similar"),
    ],
)
def test_what_cannot_be_answered_is_named_with_the_remedy(ask, name, query, status, said):
    answer = ask(name, query)
    assert (answer.status, list(answer.said)) == (status, ["error"])
    assert said in answer.said["error"]


def test_other_methods_are_refused_with_those_that_are_not(ask):
    assert ask("recommend", {**CASER, "user": 1}, "HEAD").status == 200
    for method in ("POST", "OPTIONS", "BREW"):
        answer = ask("recommend", {**CASER, "user": 1}, method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert "use GET or HEAD" in answer.said["error"]


def test_health(ask):
    assert ask("health").said["status"] == "ok"


def test_a_model_without_its_data_says_how_to_get_it(ask, tmp_path, monkeypatch):
    monkeypatch.setattr(loaders, "trained", lambda name: (_ for _ in ()).throw(checkpoint.CheckpointError("it is cut")))
    answer = ask("recommend", {**CASER, "user": 1})
    assert (answer.status, answer.said) == (503, {"error": "it is cut"})
    assert answer.headers["retry-after"] == "1"


def test_the_same_is_worked_out_once_until_its_model_changes(ask, monkeypatch):
    asked = []
    answered = questions.QUESTIONS["recommend"].answer
    counting = lambda values: asked.append(values) or answered(values)  # noqa: E731
    monkeypatch.setitem(questions.QUESTIONS, "recommend", _with(questions.QUESTIONS["recommend"], counting))
    first, second = (ask("recommend", {**CASER, "user": 7}) for _ in range(2))
    assert first.said == second.said
    assert len(asked) == 1
    (checkpoint.folder() / "cinema-caser.safetensors").touch()
    questions._stamps.cache_clear()  # a second later
    assert ask("recommend", {**CASER, "user": 7}).said == first.said
    assert len(asked) == 2


def _with(question, answer):
    return questions.Question(question.name, question.summary, question.parameters, answer, question.one_of)


def test_more_than_can_wait_are_sent_away(ask, monkeypatch):
    monkeypatch.setattr(service, "MOST_WAITING", 3)
    asked = threading.Event()
    slow = lambda values: [asked.wait(10)]  # noqa: E731
    monkeypatch.setitem(questions.QUESTIONS, "recommend", _with(questions.QUESTIONS["recommend"], slow))
    answers = ask.together("recommend", [{**CASER, "user": user} for user in range(1, 7)], asked.set)
    assert [one.status for one in answers] == [200, 200, 200, 503, 503, 503]
    assert answers[-1].said["error"] == "3 questions are waiting; ask again in a second"
    assert ask("recommend", {**CASER, "user": 9}).status == 200


def test_what_nobody_thought_of_is_said_without_a_traceback(ask, monkeypatch, caplog):
    broken = lambda values: 1 / 0  # noqa: E731
    monkeypatch.setitem(questions.QUESTIONS, "similar", _with(questions.QUESTIONS["similar"], broken))
    with caplog.at_level(logging.ERROR):
        answer = ask("similar", {**CASER, "item": 1})
    assert (answer.status, list(answer.said)) == (500, ["error"])
    assert "ZeroDivision" not in answer.said["error"]
    assert "ZeroDivision" in caplog.text


# ---- where strangers ask


@pytest.fixture
def open_to_all(monkeypatch):
    monkeypatch.setenv(public.SWITCH, "1")
    return monkeypatch


def test_a_client_who_asks_too_often_waits_and_others_do_not(ask, open_to_all):
    statuses = [ask("recommend", {**CASER, "user": 1}).status for _ in range(BURST + 1)]
    assert statuses == [*[200] * BURST, 429]
    answer = ask("similar", {**CASER, "item": 1})
    assert answer.headers["retry-after"] == "1"
    assert answer.said["error"] == "this client has asked too often; wait 1 s, and ask at most 60 times a minute"
    assert ask("recommend", {**CASER, "user": 1}, client="192.0.2.2").status == 200
    assert ask("health").status == 200


def test_it_can_be_switched_off_in_public(ask, open_to_all):
    open_to_all.setenv(public.REQUESTS, "0")
    answer = ask("recommend", {**CASER, "user": 1})
    assert answer.status == 404
    assert "switched off on this public server" in answer.said["error"]
    assert ask("health").status == 200


def test_data_that_somebody_brought_is_not_told_of_in_public(ask, tmp_path, open_to_all):
    rows = "user,book\n" + "".join(f"u{i % 7},secret {i % 5} {i % 3}\n" for i in range(90))
    file, _ = table.pair(table.opened("log.csv", rows.encode()))
    found = table.read(file, table.proposal(table.layout(file)).decided())
    own.keep(table.prepare("diary", found, table.Settings(noun="book")))
    folder = tmp_path / "models"
    open_to_all.setenv("CASER_CHECKPOINT_DIR", str(folder))
    train = ["train", "--dataset", "diary", "--model", "mf", "--d", "8", "--epochs", "1", "--patience", "0"]
    assert cli.main([*train, "--no-refit", "--device", "cpu", "--name", "mine"]) == 0
    answers = [ask(name, {"model": "mine", "user": "u1", "item": "secret 0 0"}) for name in ("recommend", "explain")]
    answers.append(ask("recommend", {"model": "mine", "user": "u1"}))
    assert all(one.status in (400, 404) for one in answers)
    assert not any(word in str(one.said) for one in answers for word in ("secret", "diary", "choose one of mine"))
    open_to_all.delenv(public.SWITCH)
    assert "secret" in str(ask("recommend", {"model": "mine", "user": "u1"}).said)
    assert data.source("diary").own
