"""Who writes the story: the person's own script, a summary, templates, or a language model.

Nothing is imported here: `specs` is cheap, and the SDKs of the writers by model take seconds that an offline studio
never needs.
"""
