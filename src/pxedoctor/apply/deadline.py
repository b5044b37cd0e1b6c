"""Takes a treatment back by itself unless a person says in time that it may stay: for whoever cut off his own ssh.

What waits is armed before the first step and is nobody's child: it outlives the terminal, ssh and pxedoctor. With
systemd it is a transient timer, else a sleeper in a session of its own. It runs `pxedoctor undo ID --unless-kept`. It
does not outlive a restart of the host; the journal does, and the next `pxedoctor fix` tells of it.
"""

import os
import subprocess
import sys
from pathlib import Path

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import run

# As `netplan try`: time to open a second terminal and look.
SECONDS = 120


def arm(entry_id: str, seconds: int) -> None:
    """Raises NotGrantedError where nobody can be found to wait."""
    if Path("/run/systemd/system").is_dir():
        run(timer(entry_id, seconds))
        return
    nowhere = subprocess.DEVNULL
    try:
        subprocess.Popen(
            ("sh", "-c", 'sleep "$0"; exec "$@"', str(seconds), *_undo(entry_id)),
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        raise NotGrantedError(f"nobody can be started who would take it back: {error}") from error


def _undo(entry_id: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pxedoctor", "undo", entry_id, "--unless-kept")


def timer(entry_id: str, seconds: int) -> tuple[str, ...]:
    """systemd-run(1) for one transient timer and its service. A stop of the user's own session does not touch it."""
    path = os.environ.get("PYTHONPATH")
    return (
        "systemd-run",
        "--quiet",
        "--collect",
        f"--unit=pxedoctor-undo-{entry_id}",
        f"--description=pxedoctor takes {entry_id} back unless it is kept",
        f"--on-active={seconds}s",
        "--timer-property=AccuracySec=1s",
        "--property=Type=oneshot",
        "--property=UMask=0077",
        *((f"--setenv=PYTHONPATH={path}",) if path else ()),
        *_undo(entry_id),
    )
