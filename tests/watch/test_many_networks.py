"""The keeper where libvirt has twenty networks: what concerns one is told of that one, and judged there."""

from collections.abc import Iterator

import pytest

from pxedoctor.lab.ground.namespace import open_site
from pxedoctor.lab.many_bridges import judging
from pxedoctor.lab.many_networks import bridge, name, networks
from pxedoctor.lab.site import Site
from pxedoctor.lab.watched import watched

pytestmark = pytest.mark.lab

COUNT, ONE, SECONDS = 20, 17, 600.0
NF002 = "host-firewall-drops-dhcp"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with open_site() as opened:
        assert networks(opened, COUNT, SECONDS) == COUNT
        yield opened


def drop(*where: str) -> list[str]:
    return ["INPUT", *where, "-p", "udp", "--dport", "67", "-j", "DROP"]


def test_only_whom_a_rule_touches_is_judged(site: Site) -> None:
    one = drop("-i", bridge(site, ONE))
    with judging(site) as judge:
        first = judge.ask()
        assert (first.verdict, first.judged) == ("healthy", COUNT)
        site.run("iptables", "-I", *one)
        broken = judge.ask(("netfilter",))
        site.run("iptables", "-D", *one)
        healed = judge.ask(("netfilter",))
    assert (broken.verdict, broken.judged) == ("broken", 1)
    assert {standing.targets for standing in broken.standing} == {(f"network/{name(ONE)}",)}
    assert (healed.verdict, healed.judged) == ("healthy", 1)


def test_a_drop_for_one_is_told_of_that_one_and_a_drop_for_all_of_all(site: Site) -> None:
    with watched(site) as keeper:
        site.run("iptables", "-I", *drop("-i", bridge(site, ONE)))
        told = keeper.until("appeared", NF002)
        assert told["finding"]["targets"] == [f"network/{name(ONE)}"]
        site.run("iptables", "-D", *drop("-i", bridge(site, ONE)))
        keeper.until_gone(NF002)
        site.run("iptables", "-I", *drop())
        found = {target for _ in range(COUNT) for target in keeper.until("appeared", NF002)["finding"]["targets"]}
    assert found == {f"network/{name(number)}" for number in range(COUNT)}
