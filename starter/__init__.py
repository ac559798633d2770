"""The command line: start, watch, review, cancel, and the local stack."""
