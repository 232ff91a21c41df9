"""A page that needs something slow: as a whole, in a fragment, in a dialog, in a callback, or beside the page."""

import streamlit as st

from caser.dashboard.waiting import begun
from caser.dashboard.waiting.beside import beside
from tests.browser.slow_work import slow


def number() -> int:
    return int(st.query_params["work"])


def need() -> None:
    st.text(slow(number()))


def look():
    """Work whose result is drawn beside the page."""
    work = number()
    return begun(("beside", work), lambda: slow(work), within=0.1)


def other() -> None:
    """Have other work drawn, without the page."""
    st.query_params["work"] = number() + 1
    st.rerun("beside")


if __name__ == "__main__":
    st.title("Slow")
    where = st.query_params.get("where", "page")
    if where == "page":
        need()
    elif where == "fragment":
        st.fragment(need)()
    elif where == "dialog":
        st.dialog("Asked")(need)()
    elif where == "beside":
        st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
        beside("beside", "Ranking films …", look, st.text)
        st.text(f"page drawn {st.session_state['drawn']}")
        st.button("Other", on_click=other)
    elif st.button("Ask", on_click=slow, args=(number(),)):
        need()
    st.button("Elsewhere")
