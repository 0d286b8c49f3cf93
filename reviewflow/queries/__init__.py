"""Read models: frozen dataclasses for pages; no row of a table leaves this package."""
