"""The matrix: cases of the founding causes, on each release's libvirt and firewall managers.

A cell is a case, judged by the runner's assertions, with libvirt's backend set beforehand. Which firewall manager it
has is the case's own: its site starts the real one.

1. Ground: the release's machine, with its own kernel, where the case or the backend needs that; else a site with the
   release's programs on this machine's kernel, which takes seconds.
2. Firmware: a real one where the case has it. Else a probe that asks as that firmware does stands in for it.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from pxedoctor.lab.machine.recipe import KERNELS, RECIPES, recipe_named

Backend = Literal["iptables", "nftables"]

# libvirt has a backend to choose since 10.4 (release notes); before, it is iptables.
BACKENDS: dict[str, tuple[Backend, ...]] = {
    "bookworm": ("iptables",),
    "trixie": ("nftables", "iptables"),
    "sid": ("nftables", "iptables"),
}

# As whom a probe asks (`diagnose --client`) that stands in for a firmware.
CLIENTS = {"OVMF": "ovmf"}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A case, what its site has, and with which backends it makes sense.

    `kernel`: it needs the release's own. `package`: it needs this one, which not every release has.
    """

    case: str
    firewall: str = "none"
    firmware: str = ""
    kernel: bool = False
    package: str = ""
    backends: tuple[Backend, ...] = ("iptables",)


_DHCLIENT = "isc-dhcp-client"
_BOTH: tuple[Backend, ...] = ("iptables", "nftables")
ROWS = (
    Row(case="bridge-forward-delay", backends=_BOTH),
    Row(case="bridge-forward-delay-with-real-firmware", firmware="SeaBIOS"),
    Row(case="libvirt-rules-missing"),
    Row(case="libvirt-rules-missing-with-real-firmware", firmware="SeaBIOS"),
    Row(case="libvirt-rules-missing", firmware="OVMF"),
    Row(case="dhcp-reply-checksum-unfilled", package=_DHCLIENT),
    Row(case="dhcp-reply-checksum-unfilled-behind-vhost-net", package=_DHCLIENT, kernel=True),
    Row(case="firewalld-zone-lost", firewall="firewalld", backends=_BOTH),
    Row(case="firewalld-zone-lost", firewall="firewalld", firmware="OVMF"),
    Row(case="host-firewall-drops-dhcp", firewall="ufw"),
    Row(case="host-firewall-drops-dhcp", firewall="ufw", firmware="OVMF"),
    Row(case="host-firewall-beside-libvirt", firewall="ufw"),
    Row(case="host-firewall-drops-dhcp-nftables-service", firewall="nftables.service"),
    Row(case="host-firewall-drops-dhcp-after-flush-ruleset", firewall="nftables.service"),
    Row(case="host-firewall-drops-dhcp-beside-libvirt-11", firewall="ufw", backends=("nftables",)),
    Row(
        case="host-firewall-drops-dhcp-nftables-service-beside-libvirt-11",
        firewall="nftables.service",
        backends=("nftables",),
    ),
    Row(case="vlan-filtering-drops-port", kernel=True, backends=_BOTH),
)


# What each other kernel is asked: the founding page's three causes.
FOUNDING = ("bridge-forward-delay", "libvirt-rules-missing", "dhcp-reply-checksum-unfilled-behind-vhost-net")


class Cell(msgspec.Struct, frozen=True):
    """One place of the table. `machine`: on the release's own kernel. `firmware`: "" for a Linux client."""

    release: str
    backend: str
    firewall: str
    case: str
    firmware: str = ""
    machine: bool = False

    @property
    def client(self) -> str:
        return CLIENTS.get(self.firmware, "")


class Ran(msgspec.Struct, frozen=True):
    """What came of a cell. `why_not`: the runner's words, one a line; empty where all was as it should be."""

    cell: Cell
    seconds: float
    why_not: tuple[str, ...] = ()


def cells() -> tuple[Cell, ...]:
    releases = (
        _cell(release, backend, row)
        for release in RECIPES
        for backend in BACKENDS[release]
        for row in ROWS
        if backend in row.backends
    )
    kernels = (Cell(name, "iptables", "none", case, machine=True) for name in KERNELS for case in FOUNDING)
    return (*releases, *kernels)


def chosen(cell: Cell, patterns: Sequence[str]) -> bool:
    """Whether each pattern is a part of what names the cell. A release's whole name is that release alone; . is any."""
    ground = "machine" if cell.machine else "site"
    words = f"{cell.release} {cell.backend} {cell.firewall} {cell.case} {cell.firmware} {ground}"
    releases = {*RECIPES, *KERNELS}
    return all(
        cell.release == pattern if pattern in releases else pattern == "." or pattern in words for pattern in patterns
    )


def lacks(cell: Cell) -> str:
    """The package that its case needs and its release has no more; "" where it can be run."""
    needed = next(row.package for row in ROWS if row.case == cell.case)
    return needed if needed not in ("", *recipe_named(cell.release).packages) else ""


def _cell(release: str, backend: Backend, row: Row) -> Cell:
    # libvirt's nftables backend starts no network on a kernel without act_csum, which only a machine has for certain.
    machine = row.kernel or backend == "nftables"
    return Cell(release, backend, row.firewall, row.case, row.firmware, machine)


def table(ran: tuple[Ran, ...]) -> str:
    """Markdown: a row a cell, also of those that were not run."""
    by_cell = {entry.cell: entry for entry in ran}
    return "\n".join(_row(cell, by_cell.get(cell)) for cell in cells())


def summary(ran: tuple[Ran, ...]) -> str:
    """One sentence of how many cells there are, were run, and came out as they should."""
    here = set(cells())
    known = [entry for entry in ran if entry.cell in here]
    good = sum(1 for entry in known if not entry.why_not)
    minutes = sum(entry.seconds for entry in known) / 60
    return f"Of {len(here)} cells {len(known)} have been run, in {minutes:.0f} minutes: {good} are as they should be."


def _row(cell: Cell, entry: Ran | None) -> str:
    if entry is None:
        package = lacks(cell)
        outcome, seconds = f"cannot be: no {package} in {cell.release}" if package else "not run", ""
    else:
        # A bar would end the cell, and libvirt's XML would be taken for the page's own.
        words = " ".join("; ".join(entry.why_not).split()).replace("|", "\\|").replace("<", "&lt;")
        outcome, seconds = (f"FAILED: {words[:300]}" if words else "as it should be"), f"{entry.seconds:.0f} s"
    firmware = f"{cell.firmware}, by a probe" if cell.client else cell.firmware or "none"
    kernel = "its own" if cell.machine else "this machine's"
    place = f"| {cell.release} | {cell.backend} | {cell.firewall} | {firmware} | {kernel} |"
    return f"{place} {cell.case} | {outcome} | {seconds} |"
