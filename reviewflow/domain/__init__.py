"""The procedure itself: plain values in, one event out; no database, no web."""
