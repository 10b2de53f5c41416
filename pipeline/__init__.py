"""Weike (微课): a raw recording in, a lecture that a university accepts out."""

__version__ = "0.1.0"
