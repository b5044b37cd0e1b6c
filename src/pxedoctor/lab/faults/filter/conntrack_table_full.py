"""Cases of conntrack-table-full. The limit is the kernel's, and a site cannot raise it: in one there is no repair."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import cold_start, libvirt_site
from pxedoctor.lab.parts_conntrack import fill, fill_by_half, forget
from pxedoctor.lab.site import Site


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="conntrack-table-full",
        expect=Breaks("conntrack-table-full"),
        story="As many connections as the kernel tracks, all of them established: a new one is dropped (NF016).",
        build=libvirt_site,
        inject=fill,
        heal=forget,
        attempt=_attempt,
        mended=False,
    ),
    Case(
        name="conntrack-table-busy",
        expect=Passes(),
        story="A busy host with half of the table taken: a guest's few packets find their places.",
        build=libvirt_site,
        inject=fill_by_half,
        attempt=_attempt,
    ),
)
