"""A diagnosis and a repair that rest on packets, on a real host."""

import pytest

from pxedoctor.lab.catalogue import faults
from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.parts import GUEST
from pxedoctor.lab.parts_bridge import served_bridge_site

pytestmark = pytest.mark.lab


def test_a_repair_is_verified_with_a_packet() -> None:
    case = next(case for case in faults() if case.name == "dhcp-server-dead")
    with open_site() as site:
        case.build(site)
        case.inject(site)
        words = ("fix", *case.words, "--probe", "--only", "dhcp-server-dead", "--apply", "--yes", "--allow-risky")
        told = site.doctor(*words)
        assert (told.exit_code, told.document["outcome"]) == (0, "verified"), told
        (probe,) = told.document["probes"]
        assert (probe["outcome"], probe["whole"]) == ("offered", True)


def test_silence_counts_whatever_the_facts_promise() -> None:
    """A server that runs, listens, and was told not to answer this guest: only packets show that."""
    with open_site() as site:
        served_bridge_site(site)
        site.run("sh", "-c", "kill -STOP $(cat /run/own-dnsmasq.pid)")
        promised = site.doctor("diagnose", GUEST)
        assert promised.exit_code == 0, promised
        seen = site.doctor("diagnose", GUEST, "--probe")
        assert seen.exit_code == 1, seen
        asked = next(road for road in seen.document["roads"] if road["packet"] == "DISCOVER")
        assert asked["parting"] is not None
        assert seen.document["probes"][0]["outcome"] == "silent"
