"""What holds a pinned history against the one looked at, on more than one page."""
