"""The matrix: cases of the founding causes, on each release's kernel, libvirt and firewall managers.

A cell is a case, run by the runner's assertions in a release's machine, with libvirt's backend set beforehand. Which
firewall manager it has is the case's own: its site starts the real one.
"""

import msgspec

from pxedoctor.lab.machine.recipe import RECIPES

# libvirt has a backend to choose since 10.4 (release notes); before, it is iptables.
BACKENDS = {"bookworm": ("iptables",), "trixie": ("nftables", "iptables"), "sid": ("nftables", "iptables")}

# Case, and the firewall manager that its site has.
CASES = (
    ("bridge-forward-delay", "none"),
    ("libvirt-rules-missing", "none"),
    ("dhcp-reply-checksum-unfilled-behind-vhost-net", "none"),
    ("firewalld-zone-lost", "firewalld"),
    ("host-firewall-drops-dhcp", "ufw"),
    ("host-firewall-beside-libvirt", "ufw"),
    ("host-firewall-drops-dhcp-nftables-service", "nftables.service"),
    ("host-firewall-drops-dhcp-beside-libvirt-11", "ufw"),
    ("host-firewall-drops-dhcp-nftables-service-beside-libvirt-11", "nftables.service"),
    ("vlan-filtering-drops-port", "none"),
)
_BESIDE_11 = "beside-libvirt-11"


class Cell(msgspec.Struct, frozen=True):
    """One place of the table."""

    release: str
    backend: str
    firewall: str
    case: str


class Ran(msgspec.Struct, frozen=True):
    """What came of a cell. `why_not`: the runner's words, one a line; empty where all was as it should be."""

    cell: Cell
    seconds: float
    why_not: tuple[str, ...] = ()


def cells() -> tuple[Cell, ...]:
    return tuple(
        Cell(release, backend, firewall, case)
        for release in RECIPES
        for backend in BACKENDS[release]
        for case, firewall in CASES
        if backend == "nftables" or not case.endswith(_BESIDE_11)
    )


def table(ran: tuple[Ran, ...]) -> str:
    """Markdown: a row a cell, also of those that were not run."""
    by_cell = {entry.cell: entry for entry in ran}
    return "\n".join(_row(cell, by_cell.get(cell)) for cell in cells())


def _row(cell: Cell, entry: Ran | None) -> str:
    if entry is None:
        outcome, seconds = "not run", ""
    else:
        # A bar would end the cell.
        words = "; ".join(entry.why_not).replace("|", "\\|").replace("\n", " ")
        outcome, seconds = (f"FAILED: {words[:300]}" if words else "as it should be"), f"{entry.seconds:.0f} s"
    return f"| {cell.release} | {cell.backend} | {cell.firewall} | {cell.case} | {outcome} | {seconds} |"
