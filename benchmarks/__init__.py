"""Measurements: what an article costs here and in a plain script, and what becomes of real pages."""
