"""For a meeting: the guided tour, the page as it is shown to a room, and how charts are drawn and saved."""
