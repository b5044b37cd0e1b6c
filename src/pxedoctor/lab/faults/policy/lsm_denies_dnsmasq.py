"""Cases of lsm-denies-dnsmasq: for a whole machine, whose kernel has AppArmor."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site
from pxedoctor.lab.site import Site

_LACKS = "AppArmor (CONFIG_SECURITY_APPARMOR)"
# Debian's apparmor-profiles has it in complain mode.
_PROFILE = "/etc/apparmor.d/usr.sbin.dnsmasq"
_LOADED = "/root/usr.sbin.dnsmasq"
_ENFORCED = "-e 's/complain,//' -e 's/ flags=(complain)//'"
_WITHOUT_LIBVIRTS_FOLDER = "-e '/^  .var.lib.libvirt.dnsmasq/d'"


def _load(site: Site, *edits: str) -> None:
    site.run("sh", "-ec", f"sed {' '.join(edits)} {_PROFILE} > {_LOADED}; apparmor_parser --replace {_LOADED}")


def _older_profile(site: Site) -> None:
    """As profiles were before they knew libvirt's paths; a confined dnsmasq is one that starts after that."""
    _load(site, _ENFORCED, _WITHOUT_LIBVIRTS_FOLDER)
    site.run("virsh", "net-destroy", NETWORK)
    site.ask("virsh", "net-start", NETWORK)


def _no_profile(site: Site) -> None:
    site.run("apparmor_parser", "--remove", _LOADED)
    site.run("virsh", "net-start", NETWORK)


def _debians_profile_enforced(site: Site) -> None:
    _load(site, _ENFORCED)
    site.run("virsh", "net-destroy", NETWORK)
    site.run("virsh", "net-start", NETWORK)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="lsm-denies-dnsmasq",
        expect=Breaks("lsm-denies-dnsmasq"),
        story="An AppArmor profile without libvirt's paths is enforced: dnsmasq may not read its configuration (HP01).",
        build=libvirt_site,
        inject=_older_profile,
        heal=_no_profile,
        attempt=_attempt,
        mended=False,
        ground="machine",
        lacks=_LACKS,
    ),
    Case(
        name="lsm-allows-dnsmasq",
        expect=Passes(),
        story="Debian's own profile of dnsmasq, enforced: it knows libvirt's paths, and guests get their addresses.",
        build=libvirt_site,
        inject=_debians_profile_enforced,
        attempt=_attempt,
        ground="machine",
        lacks=_LACKS,
    ),
)
