"""The Filters page, a view a file."""
