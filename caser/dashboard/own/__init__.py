"""Data sets that people bring: read, looked at, kept, renamed and deleted on the Data page."""
