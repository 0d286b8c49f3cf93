"""Forms: the shape of what is typed, and no rules."""
