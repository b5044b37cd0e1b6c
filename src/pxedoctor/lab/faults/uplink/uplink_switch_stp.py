"""Cases of uplink-switch-stp: a nested bridge plays the physical switch, and its port's own timers run."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import attempt
from pxedoctor.lab.parts_lan import switched_lan_site
from pxedoctor.lab.parts_switch import renewed_link_site, speak_no_stp, speak_stp

CASES: tuple[Case, ...] = (
    Case(
        name="uplink-switch-stp",
        expect=Breaks("uplink-switch-stp"),
        story="The host's link comes up with its first guest, and the switch's port waits 2 x 15 s (UP01, ipxe#1337).",
        build=renewed_link_site,
        inject=lambda site: speak_stp(site, delay=15),
        heal=speak_no_stp,
        attempt=attempt,
        mended=False,
        probe=True,
    ),
    Case(
        name="uplink-switch-stp-with-a-short-delay",
        expect=Passes(),
        story="The same link and a switch with STP whose port forwards after 4 s: every client outlasts it.",
        build=renewed_link_site,
        inject=lambda site: speak_stp(site, delay=2),
        attempt=attempt,
        probe=True,
    ),
    Case(
        name="uplink-switch-stp-that-forwards",
        expect=Passes(),
        story="A switch with STP and 15 s, and a link that has long been up: its port forwards, its BPDUs are heard.",
        build=switched_lan_site,
        inject=lambda site: speak_stp(site, delay=15),
        attempt=attempt,
        probe=True,
    ),
)
