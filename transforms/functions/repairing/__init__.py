"""What ``dateline check --repair`` does: dead runs, damaged files, and what they held."""
