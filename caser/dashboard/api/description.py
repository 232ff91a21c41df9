"""The endpoint in OpenAPI's words, made from the declaration that checks what is asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import caser
from caser.dashboard.api.parameters import LONGEST_QUERY, Parameter
from caser.dashboard.api.questions import Question
from caser.explain.film_map import COSINE
from caser.recommend import CHANCE, OF_ALL

PLACE = "/api/"  # before a question's name in the address
STATUSES = {
    400: "a value that cannot be",
    404: "a model, user or item that there is not; or the endpoint is switched off",
    405: "another method than GET and HEAD",
    429: "this client has asked too often; Retry-After says when it may again (public servers alone)",
    503: "what is there and cannot be used now; the message says why",
}
_NUMBER, _TEXT, _WHOLE = {"type": "number"}, {"type": "string"}, {"type": "integer"}
_SHARE = {**_NUMBER, "minimum": 0, "maximum": 1}
_ITEM = {
    "item_id": {"type": ["integer", "string"], "description": "the data set's own id"},
    "title": _TEXT,
    "year": {"type": "integer", "description": "0 if unknown"},
}
_RANKED = {"rank": {"type": "integer", "minimum": 1}, **_ITEM, "genres": {"type": "array", "items": _TEXT}}
_PARTS = {"type": ["object", "null"], "description": "null for a model whose scores are no sum of parts"}


def _object(properties: dict[str, Any], optional: Iterable[str] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _list(properties: dict[str, Any], optional: Iterable[str] = ()) -> dict[str, Any]:
    return {"type": "array", "items": _object(_RANKED | properties, optional)}


ANSWERS = {
    "recommend": _list({"score": _NUMBER, CHANCE: _SHARE, OF_ALL: {**_NUMBER, "minimum": 1}}, [CHANCE, OF_ALL]),
    "explain": _object(
        {
            "item": _object({"item": _WHOLE, **_ITEM}),
            "user": {"type": ["integer", "null"], "description": "counted from 0; null for a sequence"},
            "score": _NUMBER,
            "contributions": _PARTS,
            "shapley": {"type": "object"},
            "order_effect": {"type": "object"},
            "filters": {"type": "object"},
            "fired": {"type": "array", "items": {"type": "object"}},
        },
        ["fired"],
    ),
    "similar": _list({COSINE: {**_NUMBER, "minimum": -1.001, "maximum": 1.001}}),
}
ERROR = _object({"error": {**_TEXT, "description": "names the value and the remedy"}})
HEALTH = _object({"status": {"const": "ok"}, "version": _TEXT})


def openapi(questions: Iterable[Question]) -> dict[str, Any]:
    """The description of these questions, OpenAPI 3.1."""
    paths = {f"{PLACE}{one.name}": _path(one) for one in questions}
    health = {"summary": "Whether the app answers", "operationId": "health", "responses": _answered(HEALTH)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Caser Explorer",
            "version": caser.__version__,
            "description": f"A query has at most {LONGEST_QUERY:,} bytes. Errors are JSON.",
        },
        "paths": {**paths, f"{PLACE}health": {"get": health}},
        "components": {"schemas": {"Error": ERROR}},
    }


def _path(question: Question) -> dict[str, Any]:
    rule = f"Give one of {', '.join(question.one_of)}." if question.one_of else ""
    return {
        "get": {
            "summary": question.summary,
            "operationId": question.name,
            **({"description": rule} if rule else {}),
            "parameters": [_parameter(one) for one in question.parameters],
            "responses": _answered(ANSWERS[question.name]) | {str(s): _refused(text) for s, text in STATUSES.items()},
        }
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.help,
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _answered(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "the answer", "content": {"application/json": {"schema": schema}}}}


def _refused(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": text, "content": {"application/json": {"schema": schema}}}
