"""Every figure of the README that follows from what is shipped: derived again, compared, and put right."""
