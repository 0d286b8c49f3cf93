"""The measurements of `make bench`; run as `python -m bench`, they write docs/performance.md."""
