"""The source chapter, line by line: its text from docs/chapter.md, between which live parts stand."""
