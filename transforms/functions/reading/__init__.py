"""What the reading helpers and ``dateline diff`` are made of."""
