"""The demonstration: an invented task force with its people, texts and discussions, told in TOML files."""
