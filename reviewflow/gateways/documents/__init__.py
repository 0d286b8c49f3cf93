"""Documents made from one plain value, a `Paper`: the same value always gives the same bytes."""
