"""Caser Explorer: `streamlit run app.py`."""

import streamlit as st

from caser.dashboard import server as process

PAGES = [
    st.Page("pages/overview.py", title="Overview", icon=":material/home:", default=True),
    st.Page("pages/recommend.py", title="Recommend", icon=":material/movie:"),
    st.Page("pages/filters.py", title="Filters", icon=":material/grid_on:"),
    st.Page("pages/compare.py", title="Compare", icon=":material/balance:"),
    st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
    st.Page("pages/data.py", title="Data", icon=":material/database:"),
]

st.set_page_config(page_title="Caser Explorer", page_icon=":material/movie:", layout="wide", initial_sidebar_state=250)
process.share_cores()
page = st.navigation(PAGES)
page.run()
process.keep_for_good(page.title)
