"""Use-cases: the only writers. Each function takes an `Actor` and plain values, and reads like the manual."""
