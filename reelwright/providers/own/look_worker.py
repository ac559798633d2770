"""The process that looks at one file: `python -m reelwright.providers.own.look_worker FILE FOLDER LIMITS [START…]`.

A process of its own, since a decoder that a hostile file breaks must not take a worker along. It prints a JSON object
a line: `{"share": …}` while it works, then `{"looked": …}` or `{"bad": [reason, remedy]}`. With `START`, in seconds, it
only makes the still of a clip that begins there: `{"still": path}`; with several, small pictures of those moments:
`{"frames": [path, …]}`.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from pathlib import Path

from .limits import BadMedia, Limits

_MEMORY = 6 << 30
_TELL_S = 0.5


def main(file: str, folder: str, limits_json: str, *starts: str) -> None:
    """Looks at the file and prints what it is, or where its still is."""
    limits = Limits.model_validate_json(limits_json)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(limits.look_s), int(limits.look_s) + 5))
    logging.disable(logging.CRITICAL)
    from .clips import frames_at, look_at_clip, still_at
    from .pictures import look_at_picture

    told = _Told()
    path, workdir = Path(file), Path(folder)
    try:
        if len(starts) > 1:
            _print({"frames": [str(frame) for frame in frames_at(path, workdir, [float(start) for start in starts])]})
            return
        if starts:
            _print({"still": str(still_at(path, workdir, float(starts[0])))})
            return
        looked = look_at_picture(path, workdir, limits, told.share) or look_at_clip(path, workdir, limits, told.share)
    except BadMedia as error:
        _print({"bad": [error.reason, error.remedy]})
    except MemoryError:
        _print({"bad": ["it takes more memory to open than a file may", "save it smaller"]})
    else:
        _print({"looked": looked.model_dump(mode="json")})


class _Told:
    """Prints how far it is, not more often than is useful."""

    def __init__(self) -> None:
        self._at = 0.0

    def share(self, share: float) -> None:
        now = time.monotonic()
        if now - self._at >= _TELL_S:
            self._at = now
            _print({"share": round(share, 3)})


def _print(answer: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
