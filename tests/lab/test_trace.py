"""`pxedoctor trace` on real bridges: where a client's packets die, who says so, and that nothing is left behind."""

import json
from collections.abc import Iterator

import jsonschema
import msgspec
import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts_bridge import serve
from pxedoctor.lab.site import Site
from pxedoctor.lab.tracing import Watched, mount_tracefs, watching
from pxedoctor.lab.wiring import inside, make_bridge, plug_in
from pxedoctor.report.json import schema

pytestmark = pytest.mark.lab

ASK = ("busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "1", "-T", "1", "-s", "/bin/true")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        make_bridge(site)
        mount_tracefs(site)
        plug_in(site, "guest")
        yield site


def watched(site: Site, *words: str) -> Watched:
    with watching(site, "--bridge", site.bridge, *words) as found:
        site.ask(*inside("guest"), *ASK)
    jsonschema.validate(found.document, msgspec.json.decode(schema()))
    return found


def nothing_is_left(site: Site) -> None:
    assert "pxedoctor" not in site.run("nft", "list", "tables")
    assert "pxedoctor" not in site.run("ls", "/sys/kernel/tracing/instances")
    assert json.loads(site.run("ip", "-j", "-d", "link", "show", site.bridge))[0]["promiscuity"] == 0


def test_the_life_of_each_packet_of_a_lease(site: Site) -> None:
    serve(site, site.bridge)
    found = watched(site)
    assert (found.exit_code, found.document["verdict"], found.document["died"]) == (0, "healthy", None)
    assert found.kinds()[:4] == ["DISCOVER", "OFFER", "REQUEST", "ACK"]
    discover, offer = found.document["packets"][:2]
    assert [hop["hop"] for hop in discover["hops"] if hop["witness"] == "frames"] == ["tap", "bridge"]
    assert [hop["hop"] for hop in offer["hops"] if hop["witness"] == "frames"] == ["output", "egress"]
    assert discover["xid"] == offer["xid"] != ""
    assert {entry["name"]: entry["status"] for entry in found.document["witnesses"]} == {
        "frames": "ok",
        "rules": "ok",
        "kernel": "ok",
    }
    nothing_is_left(site)


def test_a_rule_of_input_drops_it_and_both_witnesses_say_so(site: Site) -> None:
    serve(site, site.bridge)
    site.run("iptables", "-I", "INPUT", "-p", "udp", "--dport", "67", "-j", "DROP")
    found = watched(site)
    assert (found.exit_code, found.died["hop"], found.died["kind"]) == (1, "input", "DISCOVER")
    assert found.died["rule"]["chain"] == "INPUT"
    assert "drop" in found.died["rule"]["text"]
