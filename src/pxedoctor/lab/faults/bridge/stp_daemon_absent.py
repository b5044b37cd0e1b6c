"""Cases of stp-daemon-absent: for a whole machine, because a kernel asks /sbin/bridge-stp in no namespace."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.site import Site

_LACKS = "a bridge whose STP is left to user space (br_stp_if.c: in the first network namespace only)"
_SCRIPT = "/sbin/bridge-stp"
# What is left where mstpd was once installed: it says yes to every bridge, and hands it to nobody.
_SAYS_YES = "#!/bin/sh\nexit 0\n"
_SAYS_NO = "#!/bin/sh\nexit 1\n"


def _site(site: Site) -> None:
    """Beside the guest that is off there is another port, as another guest's would be."""
    libvirt_site(site)
    other = site.device("op")
    site.run("ip", "link", "add", other, "type", "veth", "peer", "name", site.device("oq"))
    site.run("ip", "link", "set", "dev", site.device("oq"), "up")
    site.run("ip", "link", "set", "dev", other, "master", site.bridge, "up")


def _stp(site: Site, state: str) -> None:
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "stp_state", state)


def _other_port_anew(site: Site) -> None:
    for word in ("down", "up"):
        site.run("ip", "link", "set", "dev", site.device("op"), word)


def _with_script(site: Site, text: str) -> None:
    site.write(_SCRIPT, text)
    site.run("chmod", "755", _SCRIPT)


def _left_to_nobody(site: Site) -> None:
    _with_script(site, _SAYS_YES)
    _stp(site, "1")
    _other_port_anew(site)


def _nobody_is_asked(site: Site) -> None:
    site.run("rm", "-f", _SCRIPT)
    _stp(site, "0")
    # Turning it on has raised libvirt's 0 to the least that a tree may have (br_stp_if.c br_stp_start).
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "forward_delay", "0")
    _other_port_anew(site)


def _refused_by_the_script(site: Site) -> None:
    """The kernel then runs STP by itself, with a delay that every client outlasts."""
    _with_script(site, _SAYS_NO)
    site.run("ip", "link", "set", "dev", site.bridge, "type", "bridge", "forward_delay", "200")
    _stp(site, "1")


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="stp-daemon-absent",
        expect=Breaks("stp-daemon-absent"),
        story="mstpd was removed, its /sbin/bridge-stp was not: STP is left to nobody, and new ports block for ever.",
        build=_site,
        inject=_left_to_nobody,
        heal=_nobody_is_asked,
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
    Case(
        name="stp-daemon-not-asked-for",
        expect=Passes(),
        story="There is a /sbin/bridge-stp, and it says no to this bridge: the kernel runs STP by itself, with 2 s.",
        build=_site,
        inject=_refused_by_the_script,
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
)
