"""Figures: a result in, a plotly Figure out; no Streamlit."""
