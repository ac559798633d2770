"""The local stack: everything a studio needs, as supervised child processes of one command."""
