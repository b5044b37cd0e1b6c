"""Cases of tc-checksum-action-missing: for a whole machine, whose libvirt has that backend."""

from pxedoctor.lab.case import Attempt, Breaks, Case, Passes
from pxedoctor.lab.parts import NETWORK, cold_start, libvirt_site
from pxedoctor.lab.parts_libvirt_11 import LACKS, RELEASE, choose_nftables
from pxedoctor.lab.site import Site

_KEPT = "/root/act_csum.kept"


def _site(site: Site) -> None:
    choose_nftables(site)
    libvirt_site(site)


def _without_module(site: Site) -> None:
    """The file goes, as where the package with the further modules is not installed."""
    site.run("virsh", "net-destroy", NETWORK)
    # The bridge's filter lets go of it a moment after the bridge is gone (net/sched/cls_api.c, tcf_queue_work).
    site.run("timeout", "60", "sh", "-c", "until rmmod act_csum; do sleep 0.2; done")
    site.run("sh", "-ec", f"mv $(modinfo -n act_csum) {_KEPT}")
    site.ask("virsh", "net-start", NETWORK)


def _with_module(site: Site) -> None:
    site.run(
        "sh",
        "-ec",
        f"mv {_KEPT} $(sed -n 's,^\\(.*/act_csum.ko[^:]*\\):.*,/lib/modules/'$(uname -r)'/\\1,p' "
        "/lib/modules/$(uname -r)/modules.dep)",
    )
    site.run("virsh", "net-start", NETWORK)


def _lacked_once(site: Site) -> None:
    _without_module(site)
    _with_module(site)


def _attempt(site: Site) -> Attempt:
    return cold_start(site)


CASES: tuple[Case, ...] = (
    Case(
        name="tc-checksum-action-missing",
        expect=Breaks("tc-checksum-action-missing"),
        story="The package with act_csum is not there: libvirt's nftables backend cannot start its network.",
        build=_site,
        inject=_without_module,
        heal=_with_module,
        attempt=_attempt,
        mended=False,
        ground="machine",
        release=RELEASE,
        lacks=LACKS,
    ),
    Case(
        name="tc-checksum-action-lacked-once",
        expect=Passes(),
        story="The log holds that failure; since then the module was installed, and the network started.",
        build=_site,
        inject=_lacked_once,
        attempt=_attempt,
        ground="machine",
        release=RELEASE,
        lacks=LACKS,
    ),
)
