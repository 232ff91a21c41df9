"""The description says what the endpoint does."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator, ValidationError

from caser.dashboard.api.questions import QUESTIONS

KNOWN = {"model": "cinema-caser", "user": "5", "sequence": "Alien", "item": "Jaws"}  # an example of each text


@pytest.fixture
def described(ask):
    return ask("openapi.json").said


def parameters(described: dict, name: str) -> list[dict]:
    return described["paths"][f"/api/{name}"]["get"]["parameters"]


def wanted(described: dict, name: str) -> dict:
    """A question with what is required, and a user where one is taken."""
    return {one["name"]: KNOWN[one["name"]] for one in parameters(described, name) if one["name"] in KNOWN} | (
        {"sequence": []} if name != "similar" else {}
    )


def schemas(part) -> list[dict]:
    """Every schema of a description."""
    if isinstance(part, list):
        return [found for one in part for found in schemas(one)]
    if not isinstance(part, dict):
        return []
    own = [part["schema"]] if isinstance(part.get("schema"), dict) else []
    return own + [found for one in part.values() for found in schemas(one)]


def test_it_is_openapi_with_sound_schemas(described):
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) == {f"/api/{name}" for name in (*QUESTIONS, "health")}
    assert len(schemas(described)) > 20
    for schema in schemas(described):
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("model", ["cinema-caser", "cinema-mf"])
def test_answers_are_as_described(ask, described, name, model):
    answer = ask(name, wanted(described, name) | {"model": model})
    assert answer.status == 200, answer.said
    content = described["paths"][f"/api/{name}"]["get"]["responses"]["200"]["content"]["application/json"]
    Draft202012Validator(content["schema"]).validate(answer.said)
    with pytest.raises(ValidationError):
        Draft202012Validator(content["schema"]).validate({"error": "no"})


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_required_is_missed_and_nothing_else(ask, described, name):
    for one in parameters(described, name):
        without = {key: value for key, value in wanted(described, name).items() if key != one["name"]}
        refused = ask(name, without).said
        missing = isinstance(refused, dict) and refused.get("error", "").startswith(f"{one['name']} is missing")
        assert missing == one["required"]


def outside(schema: dict) -> list:
    """Values just beyond what a schema allows."""
    if schema["type"] == "array":
        most = ["Alien"] * schema["maxItems"]
        return [[*most, "Alien"], *([text] for text in outside(schema["items"]))]
    return {
        "integer": lambda: [schema["minimum"] - 1, schema["maximum"] + 1, "x"],
        "number": lambda: [schema["minimum"] - 0.1, schema["maximum"] + 0.1, "nan", "x"],
        "boolean": lambda: ["2", "yes"],
        "string": lambda: ["", "x" * (schema["maxLength"] + 1)],
    }[schema["type"]]()


def inside(schema: dict) -> list:
    """The outermost values that a schema allows, where any will do."""
    return ["true", "false"] if schema["type"] == "boolean" else [schema["minimum"], schema["maximum"]]


@pytest.mark.parametrize("name", QUESTIONS)
def test_bounds_are_those_described(ask, described, name):
    for one in parameters(described, name):
        base = wanted(described, name)
        for value in outside(one["schema"]):
            answer = ask(name, base | {one["name"]: value})
            assert answer.status == 400, (one["name"], value)
            assert answer.said["error"].startswith(one["name"])
        if one["schema"]["type"] in ("integer", "number", "boolean"):
            for value in inside(one["schema"]):
                assert ask(name, base | {one["name"]: value}).status == 200
            default = json.dumps(one["schema"]["default"])
            assert ask(name, base).said == ask(name, base | {one["name"]: default}).said


def test_errors_are_as_described(ask, described):
    schema = described["components"]["schemas"]["Error"]
    for name, query in (("recommend", {}), ("nothing", {}), ("recommend", {"model": "no", "user": 1})):
        answer = ask(name, query)
        Draft202012Validator(schema).validate(answer.said)
        assert str(answer.status) in described["paths"]["/api/recommend"]["get"]["responses"]
