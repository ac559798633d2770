"""`python -m sandbox --port P --dir D`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Exit code 0 after a signal, 2 when it cannot start."""
    try:
        from .app import serve
    except ModuleNotFoundError as error:
        print(f"sandbox: {error.name} is not installed: pip install 'reelwright[sandbox]'", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog="sandbox", description="The platforms, on this machine only.")
    parser.add_argument("--port", type=int, default=8321, help="0 for any free one")
    parser.add_argument("--host", default="127.0.0.1", help="another only inside a container's own network")
    parser.add_argument("--dir", type=Path, required=True, help="where posts, sessions and quotas are kept")
    parser.add_argument("--files", type=Path, help="serve this folder at /_files/, as a host of public files does")
    given = parser.parse_args()
    try:
        serve(given.port, given.dir, host=given.host, files=given.files)
    except (OSError, OverflowError) as error:
        print(f"sandbox: cannot start on port {given.port} with {given.dir}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
