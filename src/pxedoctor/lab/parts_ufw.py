"""Parts of sites with a real ufw, which keeps its state in /etc/ufw of the site.

`enable` turns INPUT and FORWARD to policy DROP and hangs ufw's chains behind those that are there (libvirt's, when
libvirt came first). `disable` leaves the empty chains: a site that ufw was in once has them (`was_here`).
"""

from pxedoctor.lab.site import Site


def enable(site: Site) -> None:
    """`ufw enable` with its defaults: incoming and routed packets are denied."""
    site.run("ufw", "--force", "enable")


def disable(site: Site) -> None:
    site.run("ufw", "disable")


def was_here(site: Site) -> None:
    """ufw once ran and was turned off again: from then on enabling and disabling it leaves no further trace."""
    enable(site)
    disable(site)


def allow_dhcp(site: Site) -> None:
    """Lets DHCP in from the site's bridge, as an administrator would type it."""
    site.run("ufw", "allow", "in", "on", site.bridge, "to", "any", "port", "67", "proto", "udp")


def forbid_dhcp(site: Site) -> None:
    """Takes the rule of `allow_dhcp` away again."""
    site.run("ufw", "delete", "allow", "in", "on", site.bridge, "to", "any", "port", "67", "proto", "udp")
