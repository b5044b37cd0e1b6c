"""Runs one program on behalf of a step."""

import subprocess

from pxedoctor.apply.error import NotGrantedError

# Longer than any step measured: a libvirtd restart with 500 networks takes about 20 s.
_SECONDS = 60


def run(argv: tuple[str, ...]) -> str:
    """What the program printed; NotGrantedError with its own words unless it ended with 0."""
    try:
        done = subprocess.run(
            argv,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=_SECONDS,
            # Ctrl-C on the terminal is for pxedoctor, which lets a step end (see interrupt).
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NotGrantedError(f"{argv[0]}: {error}") from error
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip()
        raise NotGrantedError(f"{argv[0]} ended with {done.returncode}: {words or 'no message'}")
    return done.stdout
