"""The sections of the Compare page, one a file: TITLE, perhaps NOTE, and draw()."""
