"""Cases of boot-server-unreachable: a boot file is named, and its server is on no road of the guest's."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import restart_network
from pxedoctor.lab.parts_boot import boot_site, boot_xml, boots, names
from pxedoctor.lab.parts_routed import SERVER, boots_by_tftp, tftp_site
from pxedoctor.lab.site import Site

_OWN = "192.168.150.1"
_NOBODY = "192.168.150.250"


def _nobody_serves_files(site: Site) -> None:
    restart_network(site, boot_xml(site, names(), root=""))


def _served(site: Site) -> None:
    restart_network(site, boot_xml(site, names()))


def _isolated(site: Site) -> None:
    """The server is outside, and the network has no <forward>: its guests are told no router."""
    restart_network(site, boot_xml(site, names(server=SERVER), root="", mode=""))


def _routed(site: Site) -> None:
    restart_network(site, boot_xml(site, names(server=SERVER), root="", mode="route"))


def _routed_site(site: Site) -> None:
    tftp_site(site, mode="route", single_port=True)
    _routed(site)


def _nobody_has_it(site: Site) -> None:
    restart_network(site, boot_xml(site, names(server=_NOBODY), root=""))


def _names_itself(site: Site) -> None:
    """The network's own address as the server, which it is anyway."""
    restart_network(site, boot_xml(site, names(server=_OWN)))


def _isolated_serves_itself(site: Site) -> None:
    restart_network(site, boot_xml(site, names(), mode=""))


CASES: tuple[Case, ...] = (
    Case(
        name="boot-server-nobody-listens",
        expect=Breaks("boot-server-unreachable"),
        story="<bootp> names a file and there is no <tftp root>: the host is the next server, and port 69 is nobody's.",
        build=boot_site,
        inject=_nobody_serves_files,
        heal=_served,
        attempt=boots,
        mended=False,
    ),
    Case(
        name="boot-server-behind-no-router",
        expect=Breaks("boot-server-unreachable"),
        story="The boot server is on another network, and the guest's is isolated: it is told no router (corpus TF05).",
        build=_routed_site,
        inject=_isolated,
        heal=_routed,
        attempt=boots_by_tftp,
        mended=False,
    ),
    Case(
        name="boot-server-nobody-has-its-address",
        expect=Breaks("boot-server-unreachable"),
        story="The boot server's address is of the guests' own network, and its machine was taken away long ago.",
        build=boot_site,
        inject=_nobody_has_it,
        heal=_served,
        attempt=boots,
        mended=False,
        probe=True,
        fetch=True,
    ),
    Case(
        name="boot-server-named-by-its-own-address",
        expect=Passes(),
        story="<bootp server> is the network's own address.",
        build=boot_site,
        inject=_names_itself,
        attempt=boots,
    ),
    Case(
        name="boot-server-in-an-isolated-network",
        expect=Passes(),
        story="The network is isolated, and serves the boot file itself; a probe fetches it.",
        build=boot_site,
        inject=_isolated_serves_itself,
        attempt=boots,
        probe=True,
        fetch=True,
    ),
)
