"""Rewriting partitions aside and exchanging them: compaction, and forgetting on request."""
