"""A page that needs something slow: as a whole, in a fragment, in a dialog, or in a callback."""

import streamlit as st

from tests.browser.slow_work import slow


def need() -> None:
    st.text(f"counted to {slow(float(st.query_params['step']))}")


if __name__ == "__main__":
    st.title("Slow")
    where = st.query_params.get("where", "page")
    if where == "page":
        need()
    elif where == "fragment":
        st.fragment(need)()
    elif where == "dialog":
        st.dialog("Asked")(need)()
    elif st.button("Ask", on_click=slow, args=(float(st.query_params["step"]),)):
        need()
    st.button("Elsewhere")
