"""What is computed and said of models beside each other, for the page, the report and the command line alike."""
