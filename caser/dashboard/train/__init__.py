"""The Train page: its form, its runs, and how long they take."""
