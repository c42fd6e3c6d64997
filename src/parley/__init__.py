"""Parley: a verifiable crisis-communication link and dialogue desk."""

__version__ = "0.1.0"
