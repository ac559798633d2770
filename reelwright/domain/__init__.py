"""The nouns and the pure rules: models, ids, errors, ports. Imports nothing else of ours."""
