"""Cases of bond-mode-breaks-bridging: for a whole machine, because the kernel under a site may have no bonding."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start
from pxedoctor.lab.parts_lan import bonded_lan_site, set_bond_mode
from pxedoctor.lab.site import Site

_LACKS = "bonding (CONFIG_BONDING)"


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="bond-mode-breaks-bridging",
        expect=Breaks("bond-mode-breaks-bridging"),
        story="A bond of two NICs in balance-rr, and a switch that does not bundle their ports (corpus BR07).",
        build=bonded_lan_site,
        inject=lambda site: set_bond_mode(site, "balance-rr"),
        heal=lambda site: set_bond_mode(site, "active-backup"),
        attempt=_attempt,
        # With another switch the same host works.
        risk=True,
        mended=False,
        ground="machine",
        lacks=_LACKS,
    ),
    Case(
        name="bond-mode-fits-bridging",
        expect=Passes(),
        story="The same bond in active-backup, by which a bridge leads out on most hosts.",
        build=bonded_lan_site,
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
)
