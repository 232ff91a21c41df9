"""Caser Explorer: `streamlit run app.py`."""

import threading
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.routing import Route


@asynccontextmanager
async def import_early(_):
    """Import what every page needs while nobody waits for it yet; a visitor who comes sooner waits for the rest."""
    threading.Thread(target=import_module, args=("caser.dashboard.frame",), daemon=True).start()
    yield


async def picture(request):
    """The weights of the living picture; imported late, since it brings torch."""
    return import_module("caser.dashboard.picture.weights").answer(request)


def search(request):
    """Suggestions for what a visitor types; beside the loop that serves the pages, since it may take some time."""
    return import_module("caser.dashboard.search.answers").answer(request)


# Not beside the folder pages/: Streamlit would take that for its older kind of multipage app.
app = st.App(
    Path(__file__).parent / "pages" / "main.py",
    lifespan=import_early,
    routes=[Route("/picture/{name}", picture), Route("/search/{digest}", search)],
)
