"""Data sets that people bring: read, previewed, kept, renamed and deleted on the Data page."""
