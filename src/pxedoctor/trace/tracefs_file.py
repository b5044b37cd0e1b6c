"""Writing one of tracefs' files: one word in one call, as the kernel takes it."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Raises OSError where the kernel does not take it."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)
