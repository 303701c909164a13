"""A terminal playground for distributed protocols: take every message in your hands."""

__version__ = "0.1.0"
