"""What the lake knows, read back for a run: feeds, pages, items that wait, pages to look at again."""
