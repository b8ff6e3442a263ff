"""What comparisons and experiments make of runs."""
