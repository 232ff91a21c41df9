"""Figures of the Recommend page."""
