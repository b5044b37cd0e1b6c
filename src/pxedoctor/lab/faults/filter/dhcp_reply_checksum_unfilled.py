"""Cases of dhcp-reply-checksum-unfilled. In all of them a guest sits on the bridge whose driver takes open sums."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.checksum_guests import (
    dhclient,
    dhclient_without_mark,
    firmware,
    site_with_resident,
    site_with_vhost,
    tap_reader,
    vhost_dhclient,
    vhost_dhclient_without_mark,
)
from pxedoctor.lab.site import Site

_WARNING = (
    "Jan  9 10:00:00 host libvirtd[812]: Could not add rule to fixup DHCP response checksums on network 'lab'.\n"
    "Jan  9 10:00:00 host libvirtd[812]: May need to update iptables package & kernel to support CHECKSUM rule.\n"
)
_VHOST = "vhost-net (CONFIG_VHOST_NET)"


def _rule(site: Site, action: str) -> None:
    words = f"LIBVIRT_PRT -o {site.bridge} -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"
    site.run("iptables", "-w", "-t", "mangle", action, *words.split())


def _without_rule(site: Site) -> None:
    _rule(site, "-D")


def _with_rule(site: Site) -> None:
    _rule(site, "-A")


def _old_warning(site: Site) -> None:
    site.write("/var/log/syslog", _WARNING)


def _words(client: str) -> tuple[str, ...]:
    return ("--client", client)


CASES: tuple[Case, ...] = (
    Case(
        name="dhcp-reply-checksum-unfilled",
        expect=Breaks("dhcp-reply-checksum-unfilled"),
        story="libvirt's CHECKSUM rule is gone, and an old dhclient verifies sums (founding page; corpus NF14).",
        build=site_with_resident,
        inject=_without_rule,
        heal=_with_rule,
        attempt=dhclient_without_mark,
        words=_words("dhclient-old"),
        allow_risky=True,
    ),
    Case(
        name="dhcp-reply-checksum-unfilled-on-the-tap",
        expect=Breaks("dhcp-reply-checksum-unfilled"),
        story="The same, seen on the tap: the OFFER's sum is the pseudo-header's, marked as open (corpus NF15).",
        build=site_with_resident,
        inject=_without_rule,
        heal=_with_rule,
        attempt=tap_reader,
        words=_words("freebsd"),
        allow_risky=True,
    ),
    Case(
        name="dhcp-reply-checksum-unfilled-seen-by-a-probe",
        expect=Breaks("dhcp-reply-checksum-unfilled"),
        story="The same; a probe's tap gets the OFFER with its sum open: proven, so it needs no --allow-risky.",
        build=site_with_resident,
        inject=_without_rule,
        heal=_with_rule,
        attempt=dhclient_without_mark,
        words=_words("dhclient-old"),
        probe=True,
    ),
    Case(
        name="dhcp-reply-checksum-mark-honoured",
        expect=Passes(),
        story="No CHECKSUM rule at all, and a dhclient that honours the mark: it works, as on most hosts of today.",
        build=site_with_resident,
        inject=_without_rule,
        attempt=dhclient,
        words=_words("dhclient"),
    ),
    Case(
        name="dhcp-reply-checksum-old-warning",
        expect=Passes(),
        story="libvirt's warning about the rule in the log, the rule in its place: innocuous (founding page).",
        build=site_with_resident,
        inject=_old_warning,
        attempt=dhclient_without_mark,
        words=_words("dhclient-old"),
    ),
    Case(
        name="dhcp-reply-checksum-firmware",
        expect=Passes(),
        story="No CHECKSUM rule, and a PXE ROM asks: its driver never takes open sums, so it always gets filled ones.",
        build=site_with_resident,
        inject=_without_rule,
        attempt=firmware,
        words=_words("ipxe"),
    ),
    Case(
        name="dhcp-reply-checksum-unfilled-behind-vhost-net",
        expect=Breaks("dhcp-reply-checksum-unfilled"),
        story="The kernel's own vhost-net carries the frames to an old dhclient (founding page, third cause; NF14).",
        build=site_with_vhost,
        inject=_without_rule,
        heal=_with_rule,
        attempt=vhost_dhclient_without_mark,
        words=_words("dhclient-old"),
        allow_risky=True,
        ground="machine",
        lacks=_VHOST,
    ),
    Case(
        name="dhcp-reply-checksum-mark-honoured-behind-vhost-net",
        expect=Passes(),
        story="vhost-net, no CHECKSUM rule, and a dhclient that honours the mark in the frame's header: it works.",
        build=site_with_vhost,
        inject=_without_rule,
        attempt=vhost_dhclient,
        words=_words("dhclient"),
        ground="machine",
        lacks=_VHOST,
    ),
)
