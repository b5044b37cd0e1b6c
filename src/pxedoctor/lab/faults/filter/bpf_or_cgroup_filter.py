"""Cases of bpf-or-cgroup-filter: an XDP program on the uplink, which sees the server's answers first."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import attempt, lan_site, uplink_name
from pxedoctor.lab.site import Site, SiteError


def _xdp(site: Site, device: str, verdict: str) -> None:
    done = site.fork("pxedoctor.lab.xdp", device, verdict)
    if done.returncode != 0:
        raise SiteError(f"no XDP program on {device}: {done.stderr}")


CASES: tuple[Case, ...] = (
    Case(
        name="bpf-or-cgroup-filter",
        expect=Breaks("bpf-or-cgroup-filter"),
        story="A shield against floods on the uplink, loaded by somebody's tool, drops what it does not know (32).",
        build=lan_site,
        inject=lambda site: _xdp(site, uplink_name(site), "drop"),
        heal=lambda site: _xdp(site, uplink_name(site), "off"),
        attempt=attempt,
        mended=False,
        probe=True,
    ),
    Case(
        name="bpf-program-beside-the-way",
        expect=Passes(),
        story="The same program on the bridge as a device: it drops what is for the host, and guests' frames pass by.",
        build=lan_site,
        inject=lambda site: _xdp(site, site.bridge, "drop"),
        attempt=attempt,
    ),
)
