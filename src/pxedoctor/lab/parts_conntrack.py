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

# More packets of others than this are on no site while it is filled.
_SPARE = 64
# What may be of a short life: an entry that ends makes room for the next DISCOVER.
_OTHERS = ("udp", "icmp", "icmpv6")

# Runs in the site: lines for conntrack(8) --load-file, which is quick.
_WRITE = textwrap.dedent("""\
    import sys
    with open("/tmp/flows", "w") as out:
        for i in range(int(sys.argv[1]), int(sys.argv[2])):
            a = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
            there = f"-s {a} -d 10.255.0.1 --sport 1000 --dport 80"
            back = f"-r 10.255.0.1 -q {a} --reply-port-src 80 --reply-port-dst 1000"
            out.write(f"-A -p tcp --state ESTABLISHED -t 3600 -u SEEN_REPLY,ASSURED {there} {back}\\n")
""")


def fill(site: Site) -> None:
    """As many connections as this kernel allows: the next new one is dropped. Takes 4 s for 262144.

    All of them are ours, and last an hour: what else was tracked meanwhile gives its place to one of them.
    """
    most = _most(site)
    forget(site)
    _add(site, 0, most)
    for protocol in _OTHERS:
        # Its status is 1 where there is none.
        site.ask("conntrack", "--delete", "--proto", protocol)
    _add(site, most, most + _SPARE)


def fill_by_half(site: Site) -> None:
    half = _most(site) // 2
    forget(site)
    _add(site, 0, half)


def _most(site: Site) -> int:
    most = int(site.run("cat", _MAX))
    if most > _LARGEST:
        raise SiteError(f"nf_conntrack_max is {most}: too many connections to make")
    return most


def _add(site: Site, first: int, last: int) -> None:
    """The connections of these numbers, or as many of them as there is room for: the kernel refuses the next."""
    site.run("python3", "-c", _WRITE, str(first), str(last))
    full = f'[ "$(cat {_COUNT})" -ge "$(cat {_MAX})" ]'
    site.run("sh", "-ec", f"conntrack --load-file /tmp/flows >/dev/null || {full}; rm /tmp/flows")


def forget(site: Site) -> None:
    """No connection is tracked any more: what half a minute of silence does to DHCP's (nf_conntrack_udp_timeout).

    Needed before a try that is to be NATed otherwise than the last one: a remembered flow keeps its NAT.
    """
    site.run("conntrack", "--flush")
