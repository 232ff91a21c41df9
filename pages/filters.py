import streamlit as st

st.title("Filters")
