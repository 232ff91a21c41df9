"""A page that needs something slow."""

import streamlit as st

from tests.browser.slow_work import slow

if __name__ == "__main__":
    st.title("Slow")
    st.text(f"counted to {slow(float(st.query_params['step']))}")
