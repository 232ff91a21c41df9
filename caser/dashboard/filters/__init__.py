"""The Filters page, each view in its own file."""
