"""A command that a signal ends, as a drill's crash does."""

import os
import signal


def main() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
