"""Text as data: what comes in from outside, how it was encoded, where sentences and addresses end."""
