"""The render engine against the encoder's own limit and against its peers: `python -m bench.render`."""
