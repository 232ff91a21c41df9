"""The Streamlit side: what is loaded and chosen, the shared parts of pages, and the figures."""
