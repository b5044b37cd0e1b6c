"""Asks libvirt's files, and libvirt itself only where the files are closed to us and a daemon already runs.

Files first, because every connection to a socket-activated daemon starts it, and a starting daemon re-adds the rules
and networks whose loss is being looked for.
"""

from pxedoctor.access.answer import Answer, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.redact import without_secrets
from pxedoctor.collect.ask.connection import STATE, SYSTEM, connected, may_be_asked

CONFIG = "/etc/libvirt"
QEMU_DEFINED = f"{CONFIG}/qemu"
QEMU_LIVE = f"{STATE}/qemu"
NETWORKS_DEFINED = f"{CONFIG}/qemu/networks"
NETWORKS_AUTOSTART = f"{CONFIG}/qemu/networks/autostart"
NETWORKS_LIVE = f"{STATE}/network"
NETWORK_CONF = f"{CONFIG}/network.conf"
# In NETWORKS_LIVE: the networks set to start with libvirt were started since the boot (virDriverShouldAutostart).
AUTOSTARTED_MARK = "autostarted"
# Pids go up to 2^22 (proc_sys_kernel(5), pid_max).
_PID_DIGITS = 9
DAEMONS = ("libvirtd", "virtqemud", "virtnetworkd")
Virsh = tuple[str, ...]
VIRSH: Virsh = ("virsh", "-r", "-c", SYSTEM)

ALL, AUTOSTARTED = "--all", "--autostart"
# The listening sockets of this host; a daemon that sleeps has one, and systemd holds it (proc(5), unix(7)).
UNIX_SOCKETS = "/proc/net/unix"
# A line of it with nothing but the state (SO_ACCEPTCON: somebody accepts) and the path.
_ACCEPTING = "0: 0 0 00010000 0001 01 0 {path}"


def pid_file(daemon: str) -> str:
    return f"/run/{daemon}.pid"


def socket_file(daemon: str) -> str:
    return f"{STATE}/{'libvirt' if daemon == 'libvirtd' else daemon}-sock"


def stat_file(pid: str) -> str:
    return f"/proc/{pid}/stat"


def domain_names(virsh: Virsh = VIRSH) -> Virsh:
    return (*virsh, "list", "--all", "--name")


def dump_domain(name: str, virsh: Virsh = VIRSH) -> Virsh:
    # As one word: a name may begin with a dash.
    return (*virsh, "dumpxml", f"--domain={name}")


def network_names(virsh: Virsh = VIRSH, *which: str) -> Virsh:
    """`which`: ALL, and AUTOSTARTED; none of them for those that are active."""
    return (*virsh, "net-list", *which, "--name")


def dump_network(name: str, virsh: Virsh = VIRSH) -> Virsh:
    return (*virsh, "net-dumpxml", f"--network={name}")


def is_pid(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _PID_DIGITS


def _sockets_of_libvirt(listing: str) -> str:
    """The sockets of libvirt on which somebody accepts, in the listing's own form; the rest is not our business."""
    paths = {path for path in accepting(listing) if path.startswith(STATE)}
    return "\n".join(_ACCEPTING.format(path=path) for path in sorted(paths))


def accepting(listing: str) -> frozenset[str]:
    """The paths on which somebody accepts connections. A socket that a crash left behind is not among them."""
    lines = (line.split(None, 7) for line in listing.splitlines())
    state = _ACCEPTING.split()[3]
    return frozenset(line[7] for line in lines if line[7:] and line[3] == state)


def ask_daemons(host: Notebook) -> None:
    host.names(STATE)
    host.names(NETWORKS_LIVE)
    host.read(NETWORK_CONF)
    host.read(UNIX_SOCKETS, cut=_sockets_of_libvirt)
    for daemon in DAEMONS:
        answer = host.read(pid_file(daemon))
        if isinstance(answer, Text) and is_pid(answer.text.strip()):
            host.read(stat_file(answer.text.strip()))


def ask_domains(host: Notebook) -> None:
    there = connected(host.answers)
    if there is not None:
        if may_be_asked(host, there):
            _ask_domains_of(host, there.virsh)
        return
    answers = [host.list(QEMU_DEFINED)]
    for folder in (QEMU_DEFINED, QEMU_LIVE):
        names = (name for name in host.names(folder) if name.endswith(".xml"))
        answers += [host.read(f"{folder}/{name}", cut=without_secrets) for name in names]
    if _closed(answers) and _all_awake(host):
        _ask_domains_of(host, VIRSH)


def ask_networks(host: Notebook) -> None:
    answers = [host.list(NETWORKS_DEFINED)]
    for folder in (NETWORKS_DEFINED, NETWORKS_LIVE):
        for name in host.names(folder):
            if name.endswith(".xml"):
                answers.append(host.read(f"{folder}/{name}", cut=without_secrets))
            elif name.endswith(".pid") and name != "driver.pid":
                host.read(f"{folder}/{name}")
    host.names(NETWORKS_AUTOSTART)
    # Also for guests of another libvirt: they may be plugged into its bridges.
    there = connected(host.answers)
    if there is not None and may_be_asked(host, there):
        _ask_networks_of(host, there.virsh)
    elif there is None and _closed(answers) and _all_awake(host):
        _ask_networks_of(host, VIRSH)


def wake(host: Notebook) -> str:
    """Whoever asks a daemon starts it: that of the guests, then that of the networks. "", or why it could not.

    This changes the host: only for whoever typed --wake, and never before its rules were read.
    """
    there = connected(host.answers)
    virsh = VIRSH if there is None else there.virsh
    answers = (host.run(domain_names(virsh)), host.run(network_names(virsh, ALL)))
    return next((answer.why for answer in answers if not isinstance(answer, Text)), "")


def _ask_domains_of(host: Notebook, virsh: Virsh) -> None:
    for name in _names(host, domain_names(virsh)):
        host.run(dump_domain(name, virsh), cut=without_secrets)


def _ask_networks_of(host: Notebook, virsh: Virsh) -> None:
    for name in _names(host, network_names(virsh, ALL)):
        host.run(dump_network(name, virsh), cut=without_secrets)
    host.run(network_names(virsh))
    host.run(network_names(virsh, ALL, AUTOSTARTED))


def _names(host: Notebook, listing: Virsh) -> list[str]:
    names = host.run(listing)
    return [name for name in names.text.splitlines() if name] if isinstance(names, Text) else []


def _closed(answers: list[Answer]) -> bool:
    return any(isinstance(answer, Forbidden) for answer in answers)


def _all_awake(host: Notebook) -> bool:
    """Whether a daemon runs and none sleeps behind its socket: a question to one may wake another."""
    ask_daemons(host)
    running = {daemon for daemon in DAEMONS if _runs(host, daemon)}
    sockets = host.read(UNIX_SOCKETS, cut=_sockets_of_libvirt)
    listening = accepting(sockets.text) if isinstance(sockets, Text) else frozenset[str]()
    return bool(running) and not any(socket_file(name) in listening for name in DAEMONS if name not in running)


def _runs(host: Notebook, daemon: str) -> bool:
    pid = host.read(pid_file(daemon))
    text = pid.text.strip() if isinstance(pid, Text) else ""
    return is_pid(text) and isinstance(host.read(stat_file(text)), Text)
