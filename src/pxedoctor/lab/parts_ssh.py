"""Parts of sites with a real sshd: of whoever logs in there the kernel knows whose work it is (loginuid)."""

import time

from pxedoctor.lab.site import Site, SiteError

_SECONDS = 30
_KEY = "/root/.ssh/lab"
_SETUP = f"""\
mkdir -p /run/sshd /root/.ssh
chmod 700 /root/.ssh
ssh-keygen -q -t ed25519 -N '' -f {_KEY}
cp {_KEY}.pub /root/.ssh/authorized_keys
ssh-keygen -q -t ed25519 -N '' -f /tmp/host-key
/usr/sbin/sshd -h /tmp/host-key -o ListenAddress=127.0.0.1 -o PermitRootLogin=yes -o UsePAM=yes
"""
_OPTIONS = ("-i", _KEY, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR")


def start_sshd(site: Site) -> None:
    """Returns when root can log in from the site itself."""
    site.run("sh", "-ec", _SETUP)
    deadline = time.monotonic() + _SECONDS
    while site.ask("ssh", *_OPTIONS, "root@127.0.0.1", "true").returncode != 0:
        if time.monotonic() > deadline:
            raise SiteError(f"nobody could log in by ssh within {_SECONDS} s")
        time.sleep(0.2)


def over_ssh(site: Site, command: str) -> None:
    """As root types it who has logged in by ssh. Raises SiteError where it fails."""
    site.run("ssh", *_OPTIONS, "root@127.0.0.1", command)
