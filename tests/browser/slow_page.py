"""A page that needs something slow: as a whole, in a fragment, in a dialog, in a callback, or beside the page."""

import streamlit as st

from caser.dashboard.waiting import begun
from caser.dashboard.waiting.beside import beside
from tests.browser.slow_work import slow


def need() -> None:
    st.text(f"counted to {slow(float(st.query_params['step']))}")


def look():
    """Work whose result is drawn beside the page."""
    step = float(st.query_params["step"])
    return begun(("beside", step), lambda: slow(step), within=0.1)


def other() -> None:
    """Have other work drawn, without the page."""
    st.query_params["step"] = str(float(st.query_params["step"]) + 0.001)
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
        beside("beside", "Ranking films …", look, lambda number: st.text(f"counted to {number}"))
        st.text(f"page drawn {st.session_state['drawn']}")
        st.button("Other", on_click=other)
    elif st.button("Ask", on_click=slow, args=(float(st.query_params["step"]),)):
        need()
    st.button("Elsewhere")
