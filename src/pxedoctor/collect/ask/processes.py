"""Asks for the processes that matter to a guest's boot, and for nobody else's.

1. The pid files of libvirt's networks, and the state of the process that has each pid now (its name, never a stranger's
   arguments).
2. One `ps` over all processes, of which only the lines of programs named here are kept; where there is no ps, procfs.
3. The arguments of the processes so found, and whether they live in our network namespace.
4. The settings of a dnsmasq's own configuration files, whether systemd filters a server's traffic, and dockerd's unit.
"""

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask import dnsmasq, unit_filters
from pxedoctor.collect.ask.libvirt import NETWORKS_LIVE, is_pid, stat_file

# Names as in /proc/PID/comm, which holds 15 characters (TASK_COMM_LEN).
DHCP_SERVERS = ("dnsmasq", ".dnsmasq-wrappe", "dhcpd", "kea-dhcp4", "kea-dhcp6", "udhcpd", "pihole-FTL")
# Whose service is asked for: what keeps a rule of its chain over a reboot stands there.
DOCKER = "dockerd"
OTHERS = (
    "in.tftpd",
    "tftpd",
    "atftpd",
    "dhcrelay",
    "dhcp-helper",
    "radvd",
    "named",
    "unbound",
    "systemd-resolve",
    "systemd-network",
    "NetworkManager",
    "libvirtd",
    "virtqemud",
    "virtnetworkd",
    "virtnwfilterd",
    "firewalld",
    DOCKER,
    "kube-proxy",
    "kubelet",
    "calico-node",
    "cilium-agent",
    "lxd",
    "incusd",
    "multipassd",
    "tailscaled",
    "fail2ban-server",
    "pve-firewall",
    "proxmox-firewal",
    "mstpd",
    "rstpd",
    "systemd-udevd",
    "udevd",
)
NAMES = frozenset((*DHCP_SERVERS, *OTHERS))
PROC = "/proc"
PS = ("ps", "-A", "-o", "pid=,ppid=,stat=,comm=")
FIRST = "1"
SELF = "self"


def namespace_link(pid: str) -> str:
    """Names the process' network namespace, e.g. net:[4026531840] (namespaces(7)); root may read everybody's."""
    return f"{PROC}/{pid}/ns/net"


def status_file(pid: str) -> str:
    return f"{PROC}/{pid}/status"


def cmdline_file(pid: str) -> str:
    return f"{PROC}/{pid}/cmdline"


def ask(host: Notebook) -> None:
    # Where procfs hides other people's processes (hidepid), the first process is hidden too.
    host.read(stat_file(FIRST))
    ours = {pid for pid in _pids_in_files(host) if _name(_text(host, stat_file(pid))) in NAMES}
    listing = host.run(PS, cut=_only_ours)
    if isinstance(listing, Text):
        ours |= {pid for pid in (line.split()[0] for line in listing.text.splitlines()) if is_pid(pid)}
    else:
        for pid in filter(is_pid, host.names(PROC)):
            if _name(_text(host, stat_file(pid), only_ours=True)) in NAMES:
                ours.add(pid)
    own = host.readlink(namespace_link(SELF))
    for pid in sorted(ours, key=int):
        command = host.read(cmdline_file(pid))
        # One in another namespace has files of its own.
        here = host.readlink(namespace_link(pid)) == own
        if here and isinstance(command, Text) and _is_dnsmasq(command.text):
            dnsmasq.ask(host, command.text)
        if here and isinstance(command, Text) and _serves(command.text):
            unit_filters.ask(host, pid)
            host.read(status_file(pid), cut=_identity)
        if here and isinstance(command, Text) and _program(command.text) == DOCKER:
            unit_filters.ask_unit(host, pid)


def _program(command: str) -> str:
    return command.partition("\0")[0].rpartition("/")[2]


def _serves(command: str) -> bool:
    program = _program(command)
    return program in DHCP_SERVERS or program.endswith("tftpd")


def _identity(status: str) -> str:
    """As whom it runs (proc_pid_status(5)): that decides which files it may read."""
    return "\n".join(line for line in status.splitlines() if line.startswith(("Uid:", "Gid:", "Groups:")))


def _is_dnsmasq(command: str) -> bool:
    return "dnsmasq" in command.partition("\0")[0]


def _pids_in_files(host: Notebook) -> list[str]:
    files = (name for name in host.names(NETWORKS_LIVE) if name.endswith(".pid") and name != "driver.pid")
    pids = (_text(host, f"{NETWORKS_LIVE}/{name}").strip() for name in files)
    return [pid for pid in pids if is_pid(pid)]


def _text(host: Notebook, path: str, only_ours: bool = False) -> str:
    answer = host.read(path, cut=_stat_of_ours) if only_ours else host.read(path)
    return answer.text if isinstance(answer, Text) else ""


def _name(stat: str) -> str:
    """The name in /proc/PID/stat: between the first "(" and the last ")" (proc(5))."""
    return stat.partition("(")[2].rpartition(")")[0]


def _stat_of_ours(stat: str) -> str:
    return stat if _name(stat) in NAMES else ""


def _only_ours(listing: str) -> str:
    lines = (line for line in listing.splitlines() if line.split(None, 3)[3:])
    return "\n".join(line for line in lines if line.split(None, 3)[3].removesuffix(" <defunct>").strip() in NAMES)
