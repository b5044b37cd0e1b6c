"""Takes a treatment back by itself unless a person says in time that it may stay: for whoever cut off his own ssh.

What waits is armed before the first step and is nobody's child: it outlives the terminal, ssh and pxedoctor. With
systemd it is a transient timer, else a sleeper in a session of its own. It runs `pxedoctor undo ID --unless-kept`.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from pxedoctor.apply.error import NotGrantedError
from pxedoctor.apply.run import run

# As `netplan try`: time to open a second terminal and look.
SECONDS = 120
# Programs that may shut an ssh connection out whatever device it comes through.
_FIREWALLS = frozenset({"iptables", "ip6tables", "nft", "firewall-cmd", "ufw", "sysctl"})
_MOST_ANCESTORS = 40


def arm(entry_id: str, seconds: int) -> None:
    """Raises NotGrantedError where nobody can be found to wait."""
    argv = (sys.executable, "-m", "pxedoctor", "undo", entry_id, "--unless-kept")
    if Path("/run/systemd/system").is_dir():
        run(
            ("systemd-run", "--quiet", "--collect", f"--on-active={seconds}s", "--timer-property=AccuracySec=1s", *argv)
        )
        return
    nowhere = subprocess.DEVNULL
    try:
        subprocess.Popen(
            ("sh", "-c", 'sleep "$0"; exec "$@"', str(seconds), *argv),
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        raise NotGrantedError(f"nobody can be started who would take it back: {error}") from error


def crosses_own_session(commands: tuple[tuple[str, ...], ...]) -> bool:
    """Whether commands touch the way by which the person is connected: the device towards him, or a firewall."""
    peer = _ssh_client()
    if not peer:
        return False
    device = _device_towards(peer)
    return any(argv[0] in _FIREWALLS or (device and device in argv) for argv in commands)


def _ssh_client() -> str:
    """The address at the other end of ssh, from this process or an ancestor: sudo(8) takes the variable away."""
    pid = os.getpid()
    for _ in range(_MOST_ANCESTORS):
        try:
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            stat = Path(f"/proc/{pid}/stat").read_text(errors="backslashreplace")
        except OSError:
            return ""
        for word in words:
            if word.startswith(b"SSH_CONNECTION="):
                return word.decode(errors="replace").partition("=")[2].partition(" ")[0]
        pid = int(stat.rpartition(")")[2].split()[1])
        if pid == 0:
            return ""
    return ""


def _device_towards(peer: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F.:]+", peer):
        return ""
    try:
        routes = json.loads(run(("ip", "-j", "route", "get", peer)))
        return str(routes[0]["dev"])
    except (NotGrantedError, ValueError, LookupError, TypeError):
        return ""
