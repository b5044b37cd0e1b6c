"""Parts of sites with a real systemd that is not their first process: a user manager, whose bus is the site's.

A user manager speaks the same interface on the bus as the system's. Where the keeper looks for the system bus there is
a link to it, and where `systemctl` looks for the first process there is another.
"""

import time

from pxedoctor.lab.parts_docker import show_cgroups
from pxedoctor.lab.site import Site, SiteError

_SECONDS = 30
_UNITS = "/run/user/0/systemd/user"
_BUS = """\
[Unit]
Requires=dbus.socket
[Service]
Type=notify
NotifyAccess=main
ExecStart=/usr/bin/dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only
"""
# Its own cgroup: a manager moves the processes of the one it is started in. What a person puts beside a unit of the
# system's is beside its units, too.
_START = """\
export XDG_RUNTIME_DIR=/run/user/0
export SYSTEMD_UNIT_PATH=/run/user/0/systemd/user:/usr/lib/systemd/user:/etc/systemd/system
chmod 700 /run/user/0
mkdir -p /sys/fs/cgroup/manager && echo $$ >/sys/fs/cgroup/manager/cgroup.procs
setsid -f /lib/systemd/systemd --user >/var/log/systemd.out 2>&1
"""


def start_systemd(site: Site, units: dict[str, str]) -> None:
    """`units`: texts by file name. Returns when it is on the bus."""
    show_cgroups(site)
    site.run("mkdir", "-p", _UNITS, "/run/systemd/system", "/run/dbus")
    # What the machine itself would start with its targets.
    site.run("sh", "-c", "rm -rf /etc/systemd/system/*.wants")
    site.write(f"{_UNITS}/dbus.socket", "[Socket]\nListenStream=%t/bus\n")
    site.write(f"{_UNITS}/dbus.service", _BUS)
    for name, text in units.items():
        site.write(f"{_UNITS}/{name}", text)
    site.run("sh", "-ec", _START)
    deadline = time.monotonic() + _SECONDS
    while systemctl(site, "start", "dbus.service") != 0:
        if time.monotonic() > deadline:
            raise SiteError(f"systemd did not start its bus within {_SECONDS} s")
        time.sleep(0.2)
    site.run("ln", "-s", "/run/user/0/bus", "/run/dbus/system_bus_socket")
    site.run("ln", "-s", "/run/user/0/systemd/private", "/run/systemd/private")


def systemctl(site: Site, *words: str) -> int:
    """Its exit status."""
    return site.ask("env", "XDG_RUNTIME_DIR=/run/user/0", "systemctl", "--user", *words).returncode
