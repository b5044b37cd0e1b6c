"""Asks libvirt's files, and libvirt itself only where the files are closed to us and a daemon already runs.

Files first, because every connection to a socket-activated daemon starts it, and a starting daemon re-adds the rules
and networks whose loss is being looked for.
"""

import re

from pxedoctor.access.answer import Forbidden, Text
from pxedoctor.access.notebook import Notebook

CONFIG = "/etc/libvirt"
STATE = "/run/libvirt"
QEMU_DEFINED = f"{CONFIG}/qemu"
QEMU_LIVE = f"{STATE}/qemu"
NETWORKS_DEFINED = f"{CONFIG}/qemu/networks"
NETWORKS_AUTOSTART = f"{CONFIG}/qemu/networks/autostart"
NETWORKS_LIVE = f"{STATE}/network"
NETWORK_CONF = f"{CONFIG}/network.conf"
DAEMONS = ("libvirtd", "virtqemud", "virtnetworkd")
VIRSH = ("virsh", "-r", "-c", "qemu:///system")

_PASSWORD = re.compile(r"(\bpasswd\s*=\s*)('[^']*'|\"[^\"]*\")")


def pid_file(daemon: str) -> str:
    return f"/run/{daemon}.pid"


def socket_file(daemon: str) -> str:
    return f"{STATE}/{'libvirt' if daemon == 'libvirtd' else daemon}-sock"


def stat_file(pid: str) -> str:
    return f"/proc/{pid}/stat"


def without_passwords(xml: str) -> str:
    return _PASSWORD.sub(r"\1'*****'", xml)


def ask_daemons(host: Notebook) -> None:
    host.names(STATE)
    host.read(NETWORK_CONF)
    for daemon in DAEMONS:
        answer = host.read(pid_file(daemon))
        if isinstance(answer, Text) and answer.text.strip().isdigit():
            host.read(stat_file(answer.text.strip()))


def ask_domains(host: Notebook) -> None:
    for folder in (QEMU_DEFINED, QEMU_LIVE):
        for name in host.names(folder):
            if name.endswith(".xml"):
                host.read(f"{folder}/{name}", cut=without_passwords)
    if isinstance(host.list(QEMU_DEFINED), Forbidden) and _daemon_runs(host, "libvirtd", "virtqemud"):
        _ask_virsh(host, ("list", "--all", "--name"), ("dumpxml",))


def ask_networks(host: Notebook) -> None:
    for folder in (NETWORKS_DEFINED, NETWORKS_LIVE):
        for name in host.names(folder):
            if name.endswith(".xml") or (name.endswith(".pid") and name != "driver.pid"):
                host.read(f"{folder}/{name}")
    host.names(NETWORKS_AUTOSTART)
    if isinstance(host.list(NETWORKS_DEFINED), Forbidden) and _daemon_runs(host, "libvirtd", "virtnetworkd"):
        _ask_virsh(host, ("net-list", "--all", "--name"), ("net-dumpxml",))
        host.run((*VIRSH, "net-list", "--name"))
        host.run((*VIRSH, "net-list", "--all", "--autostart", "--name"))


def _ask_virsh(host: Notebook, listing: tuple[str, ...], dump: tuple[str, ...]) -> None:
    names = host.run((*VIRSH, *listing))
    if isinstance(names, Text):
        for name in names.text.split():
            host.run((*VIRSH, *dump, name), cut=without_passwords)


def _daemon_runs(host: Notebook, *daemons: str) -> bool:
    ask_daemons(host)
    pids = (host.read(pid_file(daemon)) for daemon in daemons)
    return any(isinstance(pid, Text) and isinstance(host.read(stat_file(pid.text.strip())), Text) for pid in pids)
