"""`python -m workers.local.leash SIGNAL COMMAND...`: becomes COMMAND, which ends with the process that started it.

A supervisor that is killed outright cannot stop its children. On Linux the kernel does it: PR_SET_PDEATHSIG
(prctl(2)) survives the exec. Elsewhere the next `reelwright up` ends what it finds in the state file.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Sets the leash, then execs."""
    number, parent, *command = sys.argv[1:]
    os.umask(0o077)  # what a child of ours writes is for its owner only
    if sys.platform == "linux":
        if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        if os.getppid() != int(parent):  # the parent ended before this was set
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
