"""The checkpoints trained here: renamed and deleted by those who may; the shipped ones never."""

from __future__ import annotations

import streamlit as st

from caser import checkpoint
from caser.dashboard import names, public, wording
from caser.dashboard.selection import notify


def draw() -> None:
    """A line for each checkpoint that is not shipped."""
    trained = public.trained_here()
    if not trained or public.is_public():
        return
    with st.expander(f"Checkpoints trained here ({len(trained)})"):
        for name in trained:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                st.text_input(f"Rename {wording.plain(name)}", name, key=f"rename {name}", max_chars=64, width=330)
                st.button("Rename", key=f"do rename {name}", on_click=_rename, args=(name,))
                with st.popover("Delete", icon=":material/delete:", key=f"ask delete {name}"):
                    st.markdown(f"Delete {wording.plain(name)} and all its measurements? This cannot be undone.")
                    st.button("Delete it", key=f"delete {name}", on_click=_delete, args=(name,))


def _rename(name: str) -> None:
    _tried(checkpoint.rename, name, st.session_state[f"rename {name}"].strip())


def _delete(name: str) -> None:
    _tried(checkpoint.delete, name)


def _tried(change, *given: str) -> None:
    try:
        change(*given)
    except ValueError as error:
        notify(names.capital(public.said(f"{error}.")))
