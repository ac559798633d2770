"""Captions: which words are shown when, burned in or as subtitle files."""
