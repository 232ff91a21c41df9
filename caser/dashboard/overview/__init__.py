"""What the Overview page alone shows: the visitor's films, one bar per model, and four doors."""
