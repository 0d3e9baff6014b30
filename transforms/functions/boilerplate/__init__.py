"""Lines that recur across the articles of one outlet: learned from the lake, stripped in later runs."""
