"""What every adapter stands on: HTTP, tokens and their renewal, the video as a stream of bytes."""
