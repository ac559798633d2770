"""Recall and precision of the local moderation rules on the corpus in tests/corpus/moderation."""
