"""The curves of a model that blends films by one for each dimension: their shapes, and what these are worth."""
