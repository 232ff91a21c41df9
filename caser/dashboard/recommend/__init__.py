"""The Recommend page, an answer a file."""
