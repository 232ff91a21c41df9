"""The living picture on a page: its weights, its films, and what the visitor changes in it."""
