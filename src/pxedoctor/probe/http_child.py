"""A program of its own: fetches one file by HTTP in a network namespace of its own, and says what came of it.

Run by fetching.py: `http_child SOCKET PARENT`, with an HttpFetch as JSON on the standard input. It hands its tap over
through SOCKET (a descriptor), then writes a SeenFetch as JSON. It ends when its parent does.
"""

import ctypes
import os
import signal
import socket
import sys

import msgspec

from pxedoctor.probe import http_get, http_namespace
from pxedoctor.probe.fetching import HttpFetch

_PR_SET_PDEATHSIG = 1


def main() -> None:
    _, handover, parent = sys.argv
    end_with(int(parent))
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=HttpFetch)
    # What it needs of the file system is read before most of that is hidden.
    http_get.load()
    tap = http_namespace.enter(asked)
    with socket.socket(fileno=int(handover)) as other_end:
        socket.send_fds(other_end, [b"t"], [tap])
    # From here on it is the parent alone that holds the tap.
    os.close(tap)
    sys.stdout.buffer.write(msgspec.json.encode(http_get.fetch(asked)))
    sys.stdout.buffer.flush()
    # A name server that keeps silent must not keep a thread of the resolver waiting.
    os._exit(0)


def end_with(parent: int) -> None:
    """Asks the kernel for the end of this process with its parent's, even by kill -9 (prctl(2), PR_SET_PDEATHSIG)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl PR_SET_PDEATHSIG")
    if os.getppid() != parent:
        # It was quicker.
        raise SystemExit("the probe that asked for this fetch is gone")


if __name__ == "__main__":
    main()
