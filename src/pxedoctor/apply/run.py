"""Runs one program on behalf of a step."""

import subprocess

from pxedoctor.apply.error import NotGrantedError

# Longer than any step measured: a libvirtd restart with 500 networks takes about 20 s.
_SECONDS = 60


def run(argv: tuple[str, ...], given: str = "") -> str:
    """What the program printed; NotGrantedError with its own words unless it ended with 0.

    `given`: what it reads from its standard input.
    """
    done = ended(argv, given)
    if done.returncode != 0:
        raise _refused(argv, done)
    return done.stdout


def holds(argv: tuple[str, ...]) -> bool:
    """Whether a question was answered with yes (0) or no (1); anything else is a NotGrantedError."""
    done = ended(argv)
    if done.returncode not in {0, 1}:
        raise _refused(argv, done)
    return done.returncode == 0


def _refused(argv: tuple[str, ...], done: "subprocess.CompletedProcess[str]") -> NotGrantedError:
    words = (done.stderr or done.stdout).strip()
    return NotGrantedError(f"{argv[0]} ended with {done.returncode}: {words or 'no message'}")


def ended(argv: tuple[str, ...], given: str = "") -> "subprocess.CompletedProcess[str]":
    """Whatever it ended with; NotGrantedError where it could not be run, or did not end."""
    try:
        return subprocess.run(
            argv,
            check=False,
            stdin=None if given else subprocess.DEVNULL,
            input=given or None,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=_SECONDS,
            # Ctrl-C on the terminal is for pxedoctor, which lets a step end (see interrupt).
            start_new_session=True,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise NotGrantedError(f"{argv[0]}: {error}") from error
