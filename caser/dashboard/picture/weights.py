"""Weights for the browser: packed once for each checkpoint, handed out under the digest of what they are."""

from __future__ import annotations

from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from caser.checkpoint import Checkpoint
from caser.dashboard import loaders
from caser.data.dataset import Split
from caser.picture import page
from caser.picture.payload import Payload, pack

PLACE = "picture"  # before the digest in the address
FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}
_offered: WeakValueDictionary[str, Payload] = WeakValueDictionary()  # by digest; the cache below owns them


@loaders.kept(max_entries=4, spinner="Packing the weights for your browser …")
def payload(trained: Checkpoint, split: Split) -> Payload:
    """A checkpoint's weights for the browser."""
    return pack(trained, split)


def address(payload: Payload) -> str:
    """Where a page's browser finds the weights, relative to the page."""
    _offered[payload.digest] = payload
    return f"{PLACE}/{payload.digest}"


def answer(request: Request) -> Response:
    """The weights under a digest, or, under the digest with ".html", a page with them that needs no server."""
    digest, dot, _ = request.path_params["name"].partition(".")
    payload = _offered.get(digest)
    if payload is None:
        return PlainTextResponse("These weights are not in memory any more; reload the page.", 404)
    if dot:
        return Response(page.page(payload, {}, payload.about["name"]), media_type="text/html", headers=FOR_GOOD)
    return Response(payload.content, media_type="application/octet-stream", headers=FOR_GOOD)
