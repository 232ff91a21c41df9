"""Tables as plain HTML, whose rows can be clicked."""
