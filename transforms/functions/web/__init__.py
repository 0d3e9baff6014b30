"""Asking the web: one polite client per process, its limits, and what it refuses."""
