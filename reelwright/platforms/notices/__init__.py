"""Where people are told what happened to their posts."""
