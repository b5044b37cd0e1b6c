"""A case on a site whose files are a release's: its libvirt, nftables, firewalld and ufw, on this machine's kernel.

What needs no kernel of its own is tried so in seconds, without an emulator. The tree is the one from which the
release's machine is made; nothing is written into it.
"""

from collections.abc import Callable

from pxedoctor.lab.case import Breaks, Case
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.machine.disk import disk_of
from pxedoctor.lab.machine.recipe import RECIPES
from pxedoctor.lab.runner import DecoyResult, FaultResult, decoy_on, fault_on


def try_in_release_site(
    case: Case, tell: Callable[[str], None], release: str, backend: str
) -> FaultResult | DecoyResult:
    """`backend`: libvirt's, where it has one to choose. GroundError where there is no such site."""
    with open_site(disk_of(RECIPES[release], tell).tree) as site:
        tell(f"on a site with {release}'s programs")
        site.write("/etc/libvirt/network.conf", f'firewall_backend = "{backend}"\n')
        return fault_on(site, case, tell) if isinstance(case.expect, Breaks) else decoy_on(site, case, tell)
