"""For a meeting: the guided tour, and how charts are drawn and saved."""
