"""Asking the endpoint within this process, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from caser.dashboard.api.service import Service


@dataclass(frozen=True)
class Answer:
    """What comes back: the status, the headers and what the JSON says."""

    status: int
    headers: dict[str, str]
    said: Any


class Asking:
    """Asks one service; several at once with `together`."""

    def __init__(self, service: Service | None = None):
        self.service = service or Service()
        self._runner = asyncio.Runner()
        self._thread = ThreadPoolExecutor(1)  # of its own, since a browser's loop may run in this one

    def close(self) -> None:
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _run(self, asked: Coroutine) -> Any:
        return self._thread.submit(self._runner.run, asked).result()

    def __call__(self, name: str, query: dict | bytes = b"", method: str = "GET", client: str = "192.0.2.1") -> Answer:
        return self._run(self._ask(name, query, method, client))

    def together(self, name: str, queries: list[dict], then: Callable[[], None]) -> list[Answer]:
        """The answers to questions that are all in flight before `then` is called."""

        async def all_in_flight():
            asked = [asyncio.create_task(self._ask(name, query, "GET", "192.0.2.1")) for query in queries]
            await asyncio.sleep(0)  # every task begins
            then()
            return await asyncio.gather(*asked)

        return self._run(all_in_flight())

    async def _ask(self, name: str, query: dict | bytes, method: str, client: str) -> Answer:
        raw = query if isinstance(query, bytes) else urlencode(query, doseq=True).encode()
        scope = {
            "type": "http",
            "method": method,
            "path": f"/api/{name}",
            "raw_path": quote(f"/api/{name}", errors="replace").encode(),
            "path_params": {"name": name},
            "query_string": raw,
            "headers": [(b"host", b"localhost")],
            "client": (client, 1),
        }
        response: Response = await self.service.answer(Request(scope))
        return Answer(response.status_code, dict(response.headers), json.loads(response.body, parse_constant=_refuse))


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
