"""The data sets that were brought: renamed and deleted by whoever runs the server, never the shipped ones."""

from __future__ import annotations

import streamlit as st

from caser import checkpoint, data
from caser.dashboard import names, public, wording
from caser.dashboard.selection import choose, notify
from caser.data import own
from caser.data.text import listing


def draw() -> None:
    """A line for each data set that was brought."""
    brought = own.names()
    if not brought or public.is_public():
        return
    with st.expander(f"Data sets brought here ({len(brought)})"):
        for name in brought:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                label = f"Rename {wording.plain(name)}"
                st.text_input(label, name, key=f"rename data {name}", max_chars=40, width=330)
                st.button("Rename", key=f"do rename data {name}", on_click=_rename, args=(name,))
                with st.popover("Delete", icon=":material/delete:", key=f"ask delete data {name}"):
                    st.markdown(f"Delete {wording.plain(name)}? This cannot be undone. {_stranded(name)}")
                    st.button("Delete it", key=f"delete data {name}", on_click=_delete, args=(name,))


def _stranded(name: str) -> str:
    """The models that would have no data any more."""
    models = listing(map(wording.plain, checkpoint.trained_on(name)))
    return f"Its models stay, and open again once the same data is back: {models}." if models else ""


def _rename(name: str) -> None:
    new = st.session_state[f"rename data {name}"].strip()
    if _tried(own.rename, name, new, list(data.sources())):
        _tried(checkpoint.follow, name, new)
        choose(dataset=new)


def _delete(name: str) -> None:
    if _tried(own.delete, name):
        choose(dataset=data.EMBEDDED)


def _tried(change, *given) -> bool:
    try:
        change(*given)
    except ValueError as error:
        notify(names.plain(names.capital(public.said(f"{error}."))))
        return False
    return True
