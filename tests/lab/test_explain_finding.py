"""A real rule that drops DHCP, and a finding explained: the rule as nft prints it, its handle, its file, its owner."""

import json
import sys
from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_bridge import served_bridge_site
from pxedoctor.lab.site import Site

pytestmark = pytest.mark.lab

_RULE = 'iifname "{bridge}" udp dport 67 drop'
_CONF = """\
#!/usr/sbin/nft -f
flush ruleset
table inet site {{
	chain input {{
		type filter hook input priority 0; policy accept;
		{rule}
	}}
}}
"""


@pytest.fixture(scope="module")
def closed() -> Iterator[Site]:
    with open_site() as site:
        served_bridge_site(site)
        site.write("/etc/nftables.conf", _CONF.format(rule=_RULE.format(bridge=site.bridge)))
        site.run("nft", "-f", "/etc/nftables.conf")
        yield site


def explained(site: Site, *words: str) -> str:
    return site.run("env", "COLUMNS=100", sys.executable, "-m", "pxedoctor", "explain", *words)


def handle_of(site: Site) -> str:
    listed = site.run("nft", "-a", "list", "chain", "inet", "site", "input").splitlines()
    return next(line for line in listed if "dport 67" in line).rpartition("# handle ")[2]


def test_the_rule_is_cited_as_it_stands(closed: Site) -> None:
    told = closed.doctor("diagnose")
    (finding,) = [found for found in told.document["findings"] if found["severity"] == "broken"]
    text = explained(closed, finding["id"])
    assert text.startswith(f"{finding['id']}\n")
    assert f"    {_RULE.format(bridge=closed.bridge)}\n" in text
    assert f"inet table site, chain input, handle {handle_of(closed)}" in text
    assert "written by: nftables.service (the rule stands in /etc/nftables.conf, line 6" in text
    assert "DISCOVER  NIC > " in text
    assert "INPUT x > DHCP server" in text


def test_as_json_and_from_a_snapshot(closed: Site) -> None:
    told = closed.doctor("diagnose")
    identity = next(found["id"] for found in told.document["findings"] if found["severity"] == "broken")
    closed.run(sys.executable, "-m", "pxedoctor", "snapshot", "-o", "/tmp/closed.snapshot")
    live = json.loads(explained(closed, identity, "--json"))
    saved = json.loads(explained(closed, identity, "--json", "--from", "/tmp/closed.snapshot"))
    assert live == saved
    (rule,) = live["rules"]
    assert (rule["family"], rule["table"], rule["chain"], rule["handle"]) == (
        "inet",
        "site",
        "input",
        int(handle_of(closed)),
    )
    assert (rule["owner"], rule["file"], rule["file_line"]) == ("nftables.service", "/etc/nftables.conf", 6)
    assert {road["packet"] for road in live["roads"]} >= {"DISCOVER", "REQUEST"}
