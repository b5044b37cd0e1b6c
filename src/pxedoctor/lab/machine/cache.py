"""Where built machines are kept: XDG_CACHE_HOME/pxedoctor, for root without one /var/cache/pxedoctor."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def folder(environment: "os._Environ[str] | dict[str, str]" = os.environ) -> Path:
    """Absolute, as the XDG base directory specification wants it; a relative XDG_CACHE_HOME is ignored."""
    given = environment.get("XDG_CACHE_HOME", "")
    if given.startswith("/"):
        return Path(given) / "pxedoctor"
    return Path("/var/cache/pxedoctor") if os.geteuid() == 0 else Path.home() / ".cache/pxedoctor"


@contextlib.contextmanager
def locked(what: Path) -> Iterator[None]:
    """One builder at a time; the others wait, and then find it built. The lock ends with its process."""
    what.parent.mkdir(parents=True, exist_ok=True)
    with what.with_name(f"{what.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
