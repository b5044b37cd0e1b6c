"""Parts of sites whose connection tracking is the story: a table that is full, and one that has forgotten.

nf_conntrack_max is the whole kernel's and cannot be set in a network namespace, but each has a count of its own. So the
site's own table is really filled: with connections that are assured, because the kernel gives up others for a newcomer
(nf_conntrack_core.c early_drop).
"""

import textwrap

from pxedoctor.lab.site import Site, SiteError

_MAX = "/proc/sys/net/netfilter/nf_conntrack_max"
_COUNT = "/proc/sys/net/netfilter/nf_conntrack_count"
# A kilobyte of memory for each would still be bearable.
_LARGEST = 2_000_000

# Runs in the site: lines for conntrack(8) --load-file, which is quick.
_WRITE = textwrap.dedent("""\
    import sys
    with open("/tmp/flows", "w") as out:
        for i in range(int(sys.argv[1])):
            a = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
            there = f"-s {a} -d 10.255.0.1 --sport 1000 --dport 80"
            back = f"-r 10.255.0.1 -q {a} --reply-port-src 80 --reply-port-dst 1000"
            out.write(f"-A -p tcp --state ESTABLISHED -t 3600 -u SEEN_REPLY,ASSURED {there} {back}\\n")
""")


def fill(site: Site) -> None:
    """As many connections as this kernel allows: the next new one is dropped. Takes 4 s for 262144."""
    _take(site, 1.0)


def fill_by_half(site: Site) -> None:
    _take(site, 0.5)


def _take(site: Site, share: float) -> None:
    most = int(int(site.run("cat", _MAX)) * share)
    if most > _LARGEST:
        raise SiteError(f"nf_conntrack_max is {most}: too many connections to make")
    forget(site)
    site.run("python3", "-c", _WRITE, str(most))
    # A packet of somebody else's since then takes a place: the kernel refuses the last line, and the table is full.
    full = f'[ "$(cat {_COUNT})" -ge "$(cat {_MAX})" ]'
    site.run("sh", "-ec", f"conntrack --load-file /tmp/flows >/dev/null || {full}; rm /tmp/flows")


def forget(site: Site) -> None:
    """No connection is tracked any more: what half a minute of silence does to DHCP's (nf_conntrack_udp_timeout).

    Needed before a try that is to be NATed otherwise than the last one: a remembered flow keeps its NAT.
    """
    site.run("conntrack", "--flush")
