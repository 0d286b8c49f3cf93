"""reviewflow: two groups write one text, and only what both agreed to is published."""
