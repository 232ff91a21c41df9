"""Caser Explorer: `streamlit run app.py`."""

import asyncio
import threading
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.routing import Route


@asynccontextmanager
async def import_early(_):
    """Import what every page needs while nobody waits for it yet; a visitor who comes sooner waits for the rest."""
    threading.Thread(target=import_module, args=("caser.dashboard.frame",), daemon=True).start()
    yield


async def imported(name):
    """A module that brings torch, imported late and beside the event loop."""
    if name not in _modules:
        _modules[name] = await asyncio.to_thread(import_module, name)
    return _modules[name]


async def picture(request):
    """The weights of the living picture."""
    return (await imported("caser.dashboard.picture.weights")).answer(request)


def search(request):
    """Suggestions for what a visitor types; beside the event loop, since it may take some time."""
    return import_module("caser.dashboard.search.answers").answer(request)


class Api:
    """Lists, reasons and similar films as JSON; a class, since Starlette answers other methods of functions itself."""

    async def __call__(self, scope, receive, send):
        service = (await imported("caser.dashboard.api.service")).SERVICE
        await (await service.answer(Request(scope)))(scope, receive, send)


_modules = {}
ROUTES = [
    Route("/picture/{name}", picture),
    Route("/search/{digest}", search),
    Route("/api/{name:path}", Api()),
]
# Not beside the folder pages/: Streamlit would take that for its older kind of multipage app.
app = st.App(Path(__file__).parent / "pages" / "main.py", lifespan=import_early, routes=ROUTES)
