"""Cases of bpf-or-cgroup-filter: an XDP program on the uplink, which sees the server's answers first."""

from pxedoctor.lab.case import Breaks, Case, Passes
from pxedoctor.lab.parts_bridge import attempt, lan_site, uplink_name
from pxedoctor.lab.site import Site, SiteError


def _xdp(site: Site, verdict: str) -> None:
    done = site.fork("pxedoctor.lab.xdp", uplink_name(site), verdict)
    if done.returncode != 0:
        raise SiteError(f"no XDP program on {uplink_name(site)}: {done.stderr}")


CASES: tuple[Case, ...] = (
    Case(
        name="bpf-or-cgroup-filter",
        expect=Breaks("bpf-or-cgroup-filter"),
        story="A shield against floods on the uplink, loaded by somebody's tool, drops what it does not know (32).",
        build=lan_site,
        inject=lambda site: _xdp(site, "drop"),
        heal=lambda site: _xdp(site, "off"),
        attempt=attempt,
        mended=False,
        probe=True,
    ),
    Case(
        name="bpf-program-that-lets-pass",
        expect=Passes(),
        story="The same place, and a program that counts and lets everything pass; a probe is answered through it.",
        build=lan_site,
        inject=lambda site: _xdp(site, "pass"),
        attempt=attempt,
        probe=True,
        fetch=True,
    ),
)
