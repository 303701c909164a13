"""Searches of the worlds within reach.  They know the core only."""
