"""What a list holds beside what is ranked first: conditions, variety, and several people at once."""
