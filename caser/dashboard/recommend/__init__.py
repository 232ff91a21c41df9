"""The Recommend page, each answer in its own file."""
