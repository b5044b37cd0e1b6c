"""Every chain of a host in nft's own words, without nft; where that cannot be said for certain, nothing is."""

import sys

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.site import Site

_COMMON = """\
table ip6 empty { }
table ip own {
	chain in { type filter hook input priority 0; policy drop; }
	chain pre { comment "ä # {"; type nat hook prerouting priority -100; policy accept; }
	chain post { type nat hook postrouting priority 100; }
	chain late { type filter hook postrouting priority -100; }
	chain odd { type filter hook forward priority 37; }
	chain route { type route hook output priority -155; }
	chain raw { type filter hook prerouting priority -290; }
	chain other.one { }
}
table inet own {
	chain security { type filter hook output priority 51; policy accept; }
	chain far { type filter hook input priority 2147483647; }
}
table arp own {
	chain in { type filter hook input priority -10; }
	chain out { type filter hook output priority -300; }
}
table bridge own {
	chain pre { type filter hook prerouting priority -300; }
	chain in { type filter hook input priority -300; }
	chain out { type filter hook output priority 101; }
	chain filter { type filter hook forward priority -199; }
	chain late { type filter hook input priority 0; }
}
"""
_SELDOM = (
    "table netdev own {\n chain in { type filter hook ingress device lo priority 0; }\n}\n",
    "table inet own {\n chain in { type filter hook ingress device lo priority 0; }\n}\n",
    "table ip own {\n chain in { udp dport 67 jump { accept; }; }\n}\n",
)
_ASK = """
from pxedoctor.access import nft_chains
print(nft_chains.listed(), end="")
"""
_ASK_ALL = """
import sys
from pxedoctor.access.live import LiveHost
print(LiveHost().run(("nft", "-a", "list", "chains")), end="")
"""


def said(site: Site, code: str) -> str:
    return site.run(sys.executable, "-c", code)


@pytest.mark.lab
def test_the_same_text_as_nft() -> None:
    with open_site() as site:
        assert said(site, _ASK) == site.run("nft", "-a", "list", "chains") == ""
        site.write("/tmp/tables", _COMMON)
        site.run("nft", "-f", "/tmp/tables")
        site.run("iptables-nft", "-A", "INPUT", "-p", "udp", "-j", "ACCEPT")
        site.run("ebtables-nft", "-A", "FORWARD", "-j", "ACCEPT")
        own = site.run("nft", "-a", "list", "chains")
        assert said(site, _ASK) == own
    assert own.count("\n\tchain ") > 15


@pytest.mark.lab
@pytest.mark.parametrize("table", _SELDOM)
def test_a_chain_of_a_seldom_kind_is_left_to_nft(table: str) -> None:
    with open_site() as site:
        site.write("/tmp/table", table)
        site.run("nft", "-f", "/tmp/table")
        assert said(site, _ASK) == "None"
        assert "chain in {" in said(site, _ASK_ALL)


@pytest.mark.lab
def test_whoever_may_not_ask_gets_nfts_own_refusal() -> None:
    with open_site() as site:
        plain = ("setpriv", "--bounding-set=-all", "--reuid=65534", "--clear-groups", sys.executable, "-c")
        assert site.run(*plain, _ASK) == "None"
        assert site.run(*plain, _ASK_ALL).startswith("Forbidden(why='nft ended with")


@pytest.mark.lab
def test_where_nft_is_not_installed_nothing_is_said_in_its_name() -> None:
    with open_site() as site:
        site.run("nft", "add", "table", "ip", "own")
        for folder in ("/usr/sbin", "/sbin"):
            site.run("rm", "-f", f"{folder}/nft")
        assert said(site, _ASK_ALL) == "Absent(why='nft is not installed')"
