"""One content: what was asked for, the story, its look, the rendered files, how far it is."""
