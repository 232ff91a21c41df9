"""Compares a pinned history with the one selected, on more than one page."""
