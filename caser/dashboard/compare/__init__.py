"""The sections of the Compare page, one per file: TITLE, perhaps NOTE, and draw()."""
