"""Cases of dnsmasq-unusable: real libvirt, and something else where its dnsmasq should be."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site
from pxedoctor.lab.site import Site

_PROGRAM, _AWAY = "/usr/sbin/dnsmasq", "/usr/local/lib/dnsmasq"
# As firejail's own word of an environment without PATH (netblue30/firejail#5089).
_JAIL = """\
#!/bin/bash
env | /bin/grep -q ^PATH= || { echo "Error: PATH environment variable not set" >&2; exit 1; }
exec /usr/local/lib/dnsmasq "$@"
"""
# As a script of a distribution's that sets something up first.
_WRAPPER = """\
#!/bin/sh
umask 022
exec /usr/local/lib/dnsmasq "$@"
"""


def _put_away(site: Site) -> None:
    site.run("mv", _PROGRAM, _AWAY)


def _put_back(site: Site) -> None:
    site.run("mv", _AWAY, _PROGRAM)
    # A repair, or an earlier attempt, may have started it already.
    site.ask("virsh", "net-start", NETWORK)


def _removed(site: Site) -> None:
    site.run("virsh", "net-destroy", NETWORK)
    _put_away(site)


def _wrapped(site: Site, script: str) -> None:
    site.run("virsh", "net-destroy", NETWORK)
    _put_away(site)
    site.write(_PROGRAM, script)
    site.run("chmod", "755", _PROGRAM)


def _jailed(site: Site) -> None:
    _wrapped(site, _JAIL)


def _wrapped_well(site: Site) -> None:
    _wrapped(site, _WRAPPER)
    site.run("virsh", "net-start", NETWORK)


def _after_a_start(site: Site) -> Attempt:
    """Who wants to start a guest starts its network first."""
    started = site.ask("virsh", "net-start", NETWORK)
    if started.returncode != 0 and "already active" not in started.stderr:
        return Attempt(ok=False, said=started.stderr)
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="dnsmasq-missing",
        expect=Breaks("dnsmasq-unusable"),
        story="dnsmasq-base was removed beside another resolver, and the network does not start again (corpus DS03).",
        build=libvirt_site,
        inject=_removed,
        heal=_put_back,
        attempt=_after_a_start,
        mended=False,
    ),
    Case(
        name="dnsmasq-jailed",
        expect=Breaks("dnsmasq-unusable"),
        story="A wrapper like firejail's is in its place, and finds no PATH in libvirt's environment (corpus HP02).",
        build=libvirt_site,
        inject=_jailed,
        heal=_put_back,
        attempt=_after_a_start,
        mended=False,
    ),
    Case(
        name="dnsmasq-wrapped-well",
        expect=Passes(),
        story="A script stands in dnsmasq's place and hands everything on: the network starts, and serves.",
        build=libvirt_site,
        inject=_wrapped_well,
        attempt=_after_a_start,
    ),
)
