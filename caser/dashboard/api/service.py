"""Requests for JSON, from the question to the answer; the work is done beside the event loop."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import caser
from caser.dashboard import public
from caser.dashboard.api.description import PLACE, openapi
from caser.dashboard.api.kept import Kept
from caser.dashboard.api.questions import QUESTIONS, NotThere, Question, Unavailable, stamps
from caser.dashboard.api.rate import Rate, client_of
from caser.dashboard.runtime import server

WORKERS = 2  # at once; more would only take turns with the pages
MOST_WAITING = 200
MOST_KEPT = 32 << 20  # bytes of answers
METHODS = ("GET", "HEAD")
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_log = logging.getLogger(__name__)


class TooOften(ValueError):
    """A client that must wait; `seconds` says how long."""

    def __init__(self, seconds: float):
        self.seconds = math.ceil(seconds)
        super().__init__(
            f"this client has asked too often; wait {self.seconds} s, and ask at most "
            f"{public.requests_per_minute():g} times a minute"
        )


class Service:
    """Answers requests; holds the threads, the answers that are kept and what each client has asked."""

    def __init__(self):
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="endpoint")
        self._waiting = 0
        self._kept, self._rate = Kept(MOST_KEPT), Rate()
        self._fixed: Mapping[str, Callable[[], Any]] = {
            "health": lambda: {"status": "ok", "version": caser.__version__},
            "openapi.json": lambda: openapi(QUESTIONS.values()),
        }

    async def answer(self, request: Request) -> Response:
        """The answer as JSON, or what is wrong with the question; never an exception."""
        try:
            return _json(await self._body(request))
        except _NotAllowed as error:
            return _refusal(405, error, Allow=", ".join(METHODS))
        except TooOften as error:
            return _refusal(429, error, **{"Retry-After": str(error.seconds)})
        except Unavailable as error:
            return _refusal(503, error, **{"Retry-After": "1"})
        except NotThere as error:
            return _refusal(404, error)
        except ValueError as error:
            return _refusal(400, error)
        except Exception:
            _log.exception("a question could not be answered: %s", request.url.path)
            return _refusal(500, RuntimeError("the question could not be answered; the server's log says why"))

    async def _body(self, request: Request) -> bytes:
        if request.method not in METHODS:
            raise _NotAllowed(f"the method {request.method[:20]} is not allowed; use {' or '.join(METHODS)}")
        name = request.path_params["name"]
        if name in self._fixed:
            return _encoded(self._fixed[name]())
        if name not in QUESTIONS:
            known = ", ".join(PLACE + one for one in (*QUESTIONS, *self._fixed))
            raise NotThere(f"there is no {PLACE}{name[:40]}; ask one of {known}")
        self._admit(request)
        question = QUESTIONS[name]
        return await self._answered(question, question.read(request.scope["query_string"]))

    def _admit(self, request: Request) -> None:
        """Raise unless this client may ask now."""
        allowed = public.requests_per_minute()
        if allowed == math.inf:
            return
        if not allowed:
            raise NotThere("the endpoint is switched off on this public server; run the app on your own machine")
        client = client_of(request.client.host if request.client else "")
        if wait := self._rate.wait(client, allowed, monotonic()):
            raise TooOften(wait)

    async def _answered(self, question: Question, values: dict[str, Any]) -> bytes:
        asked = question.name, public.is_public(), stamps(values["model"]), *values.values()
        if (kept := self._kept.get(asked)) is not None:
            return kept
        if self._waiting >= MOST_WAITING:
            raise Unavailable(f"{self._waiting} questions are waiting; ask again in a second")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._work, question, values, asked)
        finally:
            self._waiting -= 1

    def _work(self, question: Question, values: dict[str, Any], asked: tuple) -> bytes:
        """The answer, worked out unless somebody has just had the same."""
        if (kept := self._kept.get(asked)) is not None:
            return kept
        server.share_cores()
        answer = _encoded(question.answer(values))
        self._kept.put(asked, answer)
        return answer


class _NotAllowed(ValueError):
    """A method that is not answered."""


def _encoded(content: Any) -> bytes:
    return json.dumps(content, allow_nan=False).encode()


def _json(body: bytes, status: int = 200, **headers: str) -> Response:
    return Response(body, status, HEADERS | headers, "application/json")


def _refusal(status: int, error: Exception, **headers: str) -> Response:
    return _json(_encoded({"error": public.said(str(error))}), status, **headers)


SERVICE = Service()  # the app's one
