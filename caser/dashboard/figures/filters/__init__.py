"""Figures of the Filters page."""
