"""The main job in eight languages, to be looked at: `python -m tests.faults.languages`."""
