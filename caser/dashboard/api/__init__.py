"""The app's endpoint for programs: lists, reasons and similar films as JSON, on the port of the pages."""
