"""Rights on their way (docket) and in force (register)."""
