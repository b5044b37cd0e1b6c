"""Runs one program on behalf of a step."""

import subprocess

from pxedoctor.apply.error import NotGrantedError

# Longer than any step measured: a libvirtd restart with 500 networks takes about 20 s.
_SECONDS = 60


def run(argv: tuple[str, ...]) -> str:
    """What the program printed; NotGrantedError with its own words unless it ended with 0."""
    done = _ended(argv)
    if done.returncode != 0:
        raise _refused(argv, done)
    return done.stdout


def holds(argv: tuple[str, ...]) -> bool:
    """Whether a question was answered with yes (0) or no (1); anything else is a NotGrantedError."""
    done = _ended(argv)
    if done.returncode not in {0, 1}:
        raise _refused(argv, done)
    return done.returncode == 0


def _refused(argv: tuple[str, ...], done: "subprocess.CompletedProcess[str]") -> NotGrantedError:
    words = (done.stderr or done.stdout).strip()
    return NotGrantedError(f"{argv[0]} ended with {done.returncode}: {words or 'no message'}")


def _ended(argv: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
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
