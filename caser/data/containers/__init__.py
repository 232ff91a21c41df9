"""What files come in: archives, single packed files and sheets, each opened within bounds."""
