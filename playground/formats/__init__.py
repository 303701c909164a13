"""Open formats: histories and runs that other tools write, or read."""
