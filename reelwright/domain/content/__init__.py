"""One content: its request, the story, its look, the rendered files, its progress."""
