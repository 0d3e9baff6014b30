"""Texts that are the same or nearly: signatures, the search for them, links and groups of copies."""
