"""The matrix: cases of the founding causes, on each release's kernel, libvirt and firewall managers.

A cell is a case, run by the runner's assertions in a release's machine, with libvirt's backend set beforehand. Which
firewall manager it has is the case's own: its site starts the real one. Where the cell has a firmware, a probe that
asks as that firmware does stands in for it: a real one would be an emulator in an emulator.
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

# As whom the probe asks (`diagnose --client`).
CLIENTS = {"SeaBIOS": "ipxe", "OVMF": "ovmf"}
# Case, firewall manager and firmware. OVMF asks for 28 s: it may outlast a forward delay of 15 s.
_WITH_FIRMWARE = (
    ("bridge-forward-delay", "none", "SeaBIOS"),
    ("firewalld-zone-lost", "firewalld", "SeaBIOS"),
    ("firewalld-zone-lost", "firewalld", "OVMF"),
    ("host-firewall-drops-dhcp", "ufw", "SeaBIOS"),
    ("host-firewall-drops-dhcp", "ufw", "OVMF"),
)


class Cell(msgspec.Struct, frozen=True):
    """One place of the table. `firmware`: "" where the guest is a Linux client alone."""

    release: str
    backend: str
    firewall: str
    case: str
    firmware: str = ""

    @property
    def client(self) -> str:
        return CLIENTS.get(self.firmware, "")


class Ran(msgspec.Struct, frozen=True):
    """What came of a cell. `why_not`: the runner's words, one a line; empty where all was as it should be."""

    cell: Cell
    seconds: float
    why_not: tuple[str, ...] = ()


def cells() -> tuple[Cell, ...]:
    """Those with a Linux client first: they are the ones that a broken-off run should have."""
    return tuple(
        cell
        for release in RECIPES
        for backend in BACKENDS[release]
        for cell in (
            *(Cell(release, backend, firewall, case) for case, firewall in CASES if _fits(case, backend)),
            *(Cell(release, backend, firewall, case, firmware) for case, firewall, firmware in _WITH_FIRMWARE),
        )
    )


def _fits(case: str, backend: str) -> bool:
    return backend == "nftables" or not case.endswith(_BESIDE_11)


def table(ran: tuple[Ran, ...]) -> str:
    """Markdown: a row a cell, also of those that were not run."""
    by_cell = {entry.cell: entry for entry in ran}
    return "\n".join(_row(cell, by_cell.get(cell)) for cell in cells())


def summary(ran: tuple[Ran, ...]) -> str:
    """One sentence of how many cells there are, were run, and came out as they should."""
    known = [entry for entry in ran if entry.cell in set(cells())]
    good = sum(1 for entry in known if not entry.why_not)
    minutes = sum(entry.seconds for entry in known) / 60
    return (
        f"Of {len(cells())} cells {len(known)} have been run, in {minutes:.0f} minutes: {good} are as they should be."
    )


def _row(cell: Cell, entry: Ran | None) -> str:
    if entry is None:
        outcome, seconds = "not run", ""
    else:
        # A bar would end the cell.
        words = "; ".join(entry.why_not).replace("|", "\\|").replace("\n", " ")
        outcome, seconds = (f"FAILED: {words[:300]}" if words else "as it should be"), f"{entry.seconds:.0f} s"
    firmware = f"{cell.firmware}, by a probe" if cell.firmware else "none"
    return f"| {cell.release} | {cell.backend} | {cell.firewall} | {firmware} | {cell.case} | {outcome} | {seconds} |"
