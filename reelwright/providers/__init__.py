"""Who makes the material: writing, speech, music, moderation, feeds."""
