"""What Streamlit runs for every visit, whichever page it asks for."""

import streamlit as st

from caser.dashboard import public, selection
from caser.dashboard.frame import ICON, PAGES
from caser.dashboard.runtime import server

pages = [st.Page(f"{file}.py", title=title, icon=icon) for file, (title, icon) in PAGES.items()]
st.set_page_config(page_title="Caser Explorer", page_icon=ICON, layout="wide", initial_sidebar_state=250)
if public.is_public():
    st.set_option("client.showErrorDetails", "none")
server.share_cores()
server.clear_what_was_left()
page = st.navigation(pages, position="hidden")  # `frame` draws links that carry the selection
selection.show_address(page.url_path)
page.run()
server.keep_for_good(page.title)
