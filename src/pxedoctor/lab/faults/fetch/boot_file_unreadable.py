"""Cases of boot-file-unreadable: the lease comes, and the server cannot read the file that it names."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, define_guest, guest_xml, network_interface, restart_network
from pxedoctor.lab.parts_boot import FILE, ROOT, boot_site, boot_xml, boots, names, put_file
from pxedoctor.lab.site import Site, SiteError

_PATH = f"{ROOT}/{FILE}"
_HOME = "/home/admin"


def _copied_by_root(site: Site) -> None:
    site.run("chmod", "0600", _PATH)


def _for_all(site: Site) -> None:
    site.run("chmod", "0644", _PATH)


def _misspelled(site: Site) -> None:
    site.run("mv", _PATH, f"{ROOT}/Boot.0")


def _spelled(site: Site) -> None:
    site.run("mv", f"{ROOT}/Boot.0", _PATH)


def _in_a_home(site: Site) -> None:
    """The files are in somebody's home, which only he may pass."""
    site.run("sh", "-ec", f"mkdir -p {_HOME}; cp -r {ROOT} {_HOME}/tftp; chmod -R a+rX {_HOME}; chmod 0711 {_HOME}")
    restart_network(site, boot_xml(site, names(), root=f"{_HOME}/tftp"))


def _home_site(site: Site) -> None:
    boot_site(site)
    _in_a_home(site)


def _close_home(site: Site) -> None:
    site.run("chmod", "0700", _HOME)


def _open_home(site: Site) -> None:
    site.run("chmod", "0711", _HOME)


def _tftpd_site(site: Site) -> None:
    """DHCP is libvirt's, and the files are served by tftpd-hpa, as Debian starts it."""
    boot_site(site)
    restart_network(site, boot_xml(site, names(server="192.168.150.1"), root=""))
    site.run("in.tftpd", "--listen", "--user", "tftp", "--address", ":69", "--secure", ROOT)


def _own_by_group(site: Site) -> None:
    """Closed to everybody but its owner and a group, and the server's user is the owner."""
    uid = site.run("sh", "-ec", "ps -C dnsmasq -o user= | grep -v root | head -1").strip()
    if not uid:
        raise SiteError("no dnsmasq runs as a user of its own")
    site.run("sh", "-ec", f"chown -R {uid} {ROOT}; chmod 0700 {ROOT}; chmod 0600 {_PATH}")


def _never_needs_it(site: Site) -> None:
    define_guest(site, guest_xml(network_interface(), boot="hd"))
    _copied_by_root(site)


def _linked(site: Site) -> None:
    """The name is a link to a version beside it."""
    put_file(site, "v2/boot.0")
    site.run("ln", "-sf", "v2/boot.0", _PATH)


CASES: tuple[Case, ...] = (
    Case(
        name="boot-file-unreadable",
        expect=Breaks("boot-file-unreadable"),
        story="root copied the boot file with mode 0600, and libvirt's dnsmasq runs as another user (corpus TF01).",
        build=boot_site,
        inject=_copied_by_root,
        heal=_for_all,
        attempt=boots,
    ),
    Case(
        name="boot-file-absent",
        expect=Breaks("boot-file-unreadable"),
        story="The file is called Boot.0, and the guest is told to fetch boot.0 (PXE-T01: File not found).",
        build=boot_site,
        inject=_misspelled,
        heal=_spelled,
        attempt=boots,
        mended=False,
    ),
    Case(
        name="boot-file-in-a-closed-home",
        expect=Breaks("boot-file-unreadable"),
        story="<tftp root> is in the home of an administrator, which only he may pass.",
        build=_home_site,
        inject=_close_home,
        heal=_open_home,
        attempt=boots,
        mended=False,
    ),
    Case(
        name="boot-file-unreadable-by-tftpd",
        expect=Breaks("boot-file-unreadable"),
        story="tftpd-hpa serves only what everybody may read, and the file is its owner's alone.",
        build=_tftpd_site,
        inject=_copied_by_root,
        heal=_for_all,
        attempt=boots,
    ),
    Case(
        name="boot-file-of-the-servers-own-user",
        expect=Passes(),
        story="Folder and file are closed to others, and belong to the user that dnsmasq runs as.",
        build=boot_site,
        inject=_own_by_group,
        attempt=boots,
    ),
    Case(
        name="boot-file-behind-a-link",
        expect=Passes(),
        story="The boot file is a link to another version's file beside it.",
        build=boot_site,
        inject=_linked,
        attempt=boots,
    ),
    Case(
        name="boot-file-unreadable-and-not-wanted",
        expect=Passes(),
        story="The boot file cannot be read, and the guest boots from its disk alone.",
        build=boot_site,
        inject=_never_needs_it,
        attempt=cold_start,
    ),
)
