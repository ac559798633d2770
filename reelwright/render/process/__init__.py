"""The child processes that do the heavy work, and the FFmpeg program."""
