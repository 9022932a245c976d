"""What other programs load to detect or decode inside them; each imports its own lazily."""
