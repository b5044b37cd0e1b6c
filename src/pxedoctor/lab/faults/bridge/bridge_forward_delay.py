"""Cases of bridge-forward-delay."""

from pxedoctor.lab import parts_ifupdown
from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.host_bridge import host_bridge_site, set_bridge_delay, settled_cold_start
from pxedoctor.lab.parts import cold_start, libvirt_site, network_xml, restart_network
from pxedoctor.lab.qemu_guest import ROUTER, boot, boot_network_xml, firmware_site
from pxedoctor.lab.site import Site


def _delay_of_15(site: Site) -> None:
    restart_network(site, network_xml(site, delay=15))


def _as_built(site: Site) -> None:
    restart_network(site, network_xml(site, stp="off"))


def _firmware_as_built(site: Site) -> None:
    restart_network(site, boot_network_xml(site, stp="off", extra=ROUTER))
    # A bridge's IPv6 addresses work from its first carrier on, and the site's first picture was taken after a start.
    boot(site)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="bridge-forward-delay",
        expect=Breaks("bridge-forward-delay"),
        story="A libvirt network with STP on and delay='15': 30 s of silence (founding page; corpus BR01, GF10).",
        build=libvirt_site,
        inject=_delay_of_15,
        heal=_as_built,
        attempt=_attempt,
    ),
    Case(
        name="bridge-forward-delay-with-real-firmware",
        expect=Breaks("bridge-forward-delay"),
        story="The same network, and a guest whose SeaBIOS and iPXE give up with ipxe.org/040ee119 (founding page).",
        build=firmware_site,
        inject=lambda site: restart_network(site, boot_network_xml(site, delay=15, extra=ROUTER)),
        heal=_firmware_as_built,
        attempt=boot,
        firmware=True,
    ),
    Case(
        name="bridge-forward-delay-as-root-of-a-switch",
        expect=Breaks("bridge-forward-delay"),
        story="An administrator's bridge with STP and 15 s; a switch follows it, so the repair is RISKY (BR01, GF10).",
        build=host_bridge_site,
        inject=lambda site: set_bridge_delay(site, 15),
        heal=lambda site: set_bridge_delay(site, 2),
        attempt=settled_cold_start,
        allow_risky=True,
    ),
    Case(
        name="bridge-forward-delay-of-ifupdown",
        expect=Breaks("bridge-forward-delay"),
        story="bridge_stp on, bridge_fd 15 in a file that Debian's interfaces sources (founding page; corpus BR01).",
        build=parts_ifupdown.ifupdown_site,
        inject=parts_ifupdown.delay_of_15,
        heal=parts_ifupdown.as_built,
        attempt=_attempt,
    ),
    Case(
        name="bridge-forward-delay-of-zero",
        expect=Passes(),
        story="libvirt's default stp='on' delay='0': the kernel makes 2 s of it, and every client outlasts 4 s.",
        build=libvirt_site,
        inject=lambda site: restart_network(site, network_xml(site, delay=0)),
        attempt=_attempt,
    ),
    Case(
        name="bridge-forward-delay-without-stp",
        expect=Passes(),
        story="A delay of 15 s with STP off: the delay is there and nobody waits for it.",
        build=libvirt_site,
        inject=lambda site: restart_network(site, network_xml(site, delay=15, stp="off")),
        attempt=_attempt,
    ),
)
