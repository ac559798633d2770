"""The platforms' adapters: a folder each, and what they share in `common`."""
