"""Who fills the sum of a DHCP reply: rule, filter, device, nobody, or nobody knows."""

import pytest

from builders import host, link, network
from pxedoctor.model.fact import Missing
from pxedoctor.model.host import Host
from pxedoctor.model.link import Address
from pxedoctor.model.netfilter import Netfilter, Unlisted
from pxedoctor.model.traffic_control import Offload, TcText
from pxedoctor.road.checksum import Filled, Unfilled, Unsure, reply_filled
from rulesets import LIBVIRT, base_chain, native, netfilter, saved

TAP = Offload(device="vnet0", takes_partial_sums=True, origin="ethtool -k vnet0")
BRIDGE = Offload(device="virbr0", takes_partial_sums=True, origin="ethtool -k virbr0")
RULE = "-A LIBVIRT_PRT -o virbr0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill\n"
WITHOUT = LIBVIRT.replace(RULE, "")

# As tc prints the filter of libvirt's nftables backend (network_nftables.c, nftablesAddUdpChecksumFixWithTC).
CSUM = """\
filter parent 1: protocol ip pref 2 u32 chain 0
filter parent 1: protocol ip pref 2 u32 chain 0 fh 800: ht divisor 1
filter parent 1: protocol ip pref 2 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 terminal flowid not_in_hw
  match 00000044/0000ffff at 20
\taction order 1: csum (iph, udp) action pass
\tindex 1 ref 1 bind 1
"""


def tc(filters: str, device: str = "virbr0") -> TcText:
    return TcText(device=device, filters=filters, origin=f"tc filter show dev {device}", root="htb 1:")


def seen(**changes: object) -> Host:
    values: dict[str, object] = {
        "offloads": (TAP, BRIDGE),
        "traffic_control": (),
        "netfilter": netfilter(saved(WITHOUT)),
        "networks": (network(),),
    }
    return host(**(values | changes))


def test_nobody() -> None:
    answer = reply_filled(seen(), "virbr0", TAP)
    assert isinstance(answer, Unfilled)
    assert [evidence.origin for evidence in answer.looked] == ["tc -j qdisc show", "iptables-nft-save"]


@pytest.mark.parametrize(
    ("changes", "origin"),
    [
        pytest.param({"netfilter": netfilter(saved(LIBVIRT))}, "iptables-nft-save", id="libvirt's rule"),
        pytest.param({"traffic_control": (tc(CSUM),)}, "tc filter show dev virbr0", id="libvirt's filter"),
        pytest.param({"traffic_control": (tc(CSUM, "vnet0"),)}, "tc filter show dev vnet0", id="a filter on the tap"),
        pytest.param(
            {"offloads": (TAP, Offload(device="virbr0", takes_partial_sums=False, origin="ethtool -k virbr0"))},
            "ethtool -k virbr0",
            id="ethtool -K virbr0 tx off",
        ),
        pytest.param(
            {"netfilter": netfilter(saved(LIBVIRT)), "traffic_control": Missing("failed", "tc failed")},
            "iptables-nft-save",
            id="one is enough, whatever else could not be read",
        ),
    ],
)
def test_filled(changes: dict[str, object], origin: str) -> None:
    answer = reply_filled(seen(**changes), "virbr0", TAP)
    assert isinstance(answer, Filled)
    assert answer.by.origin == origin


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param(CSUM.replace("udp", "tcp"), id="of tcp only"),
        pytest.param(CSUM.replace("csum (iph, udp)", "gact"), id="another action"),
        pytest.param("", id="none"),
    ],
)
def test_other_filters_fill_nothing(filters: str) -> None:
    assert isinstance(reply_filled(seen(traffic_control=(tc(filters),)), "virbr0", TAP), Unfilled)


def test_a_filter_elsewhere_fills_nothing() -> None:
    assert isinstance(reply_filled(seen(traffic_control=(tc(CSUM, "virbr1"),)), "virbr0", TAP), Unfilled)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param(
            {"traffic_control": (tc(CSUM.replace("00000044", "00000035")),)},
            "csum filter",
            id="a filter of other packets",
        ),
        pytest.param({"traffic_control": Missing("failed", "tc ended with 2")}, "tc ended with 2", id="tc failed"),
        pytest.param(
            {"netfilter": Missing("forbidden", "not for you", "be root")}, "not for you", id="rules forbidden"
        ),
        pytest.param({"offloads": Missing("failed", "ethtool ended with 1")}, "ethtool ended", id="features unknown"),
        pytest.param(
            {
                "netfilter": netfilter(
                    saved(WITHOUT.replace("*mangle\n", f"*mangle\n:X - [0:0]\n-A X {RULE[15:]}", 1)[:99])
                )
            },
            "is not understood",
            id="a listing that is cut short",
        ),
        pytest.param(
            {
                "netfilter": netfilter(
                    native(
                        "ip",
                        "mangle",
                        base_chain("POSTROUTING", 'xt match "time" xt target "CHECKSUM"', hook="postrouting"),
                    )
                )
            },
            'whether a reply meets this is not known: xt match "time"',
            id="iptables could not list the table, nft does not know the rule",
        ),
        pytest.param(
            {"netfilter": Netfilter(unlisted=(Unlisted(family="", why="nft was not asked"),))},
            "nft was not",
            id="unlisted",
        ),
        pytest.param(
            {
                "netfilter": Netfilter(
                    listings=(saved(WITHOUT),), unlisted=(Unlisted(family="ip", why="legacy table mangle: failed"),)
                )
            },
            "legacy table mangle",
            id="the legacy tables are there and could not be listed",
        ),
        pytest.param(
            {
                "netfilter": netfilter(
                    saved(LIBVIRT.replace("--dport 68 -j C", "--dport 68 -m time --timestart 08:00:00 -j C"))
                )
            },
            "--timestart",
            id="a match that is not modelled",
        ),
        pytest.param(
            {
                "netfilter": netfilter(
                    saved(
                        LIBVIRT.replace(
                            "-o virbr0 -p udp -m udp --dport 68 -j C", "-d 255.255.255.255/32 -o virbr0 -j C"
                        )
                    )
                )
            },
            "some replies and not all",
            id="only broadcasts",
        ),
    ],
)
def test_unsure(changes: dict[str, object], says: str) -> None:
    answer = reply_filled(seen(**changes), "virbr0", TAP)
    assert isinstance(answer, Unsure)
    assert says in answer.why


def test_native_tables_that_could_not_be_listed_hold_no_checksum_rule() -> None:
    half = Netfilter(listings=(saved(WITHOUT),), unlisted=(Unlisted(family="", why="native nftables tables, if any"),))
    assert isinstance(reply_filled(seen(netfilter=half), "virbr0", TAP), Unfilled)


def test_no_tc_means_no_filter() -> None:
    absent = Missing("absent", "tc is not installed")
    assert isinstance(reply_filled(seen(traffic_control=absent), "virbr0", TAP), Unfilled)


def test_the_address_of_a_bridge_without_libvirt_is_its_own() -> None:
    """A rule for this host's address takes its replies; one for another address does not."""
    here = link("br0", kind="bridge", addresses=(Address(family="inet", address="10.0.0.1", prefix=24),))
    for source, kind in (("10.0.0.1/32", Filled), ("10.0.0.2/32", Unfilled)):
        rule = f"-A POSTROUTING -s {source} -o br0 -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill"
        rules = saved(f"*mangle\n:POSTROUTING ACCEPT [0:0]\n{rule}\nCOMMIT\n")
        found = reply_filled(seen(links=(here,), networks=(), netfilter=netfilter(rules)), "br0", TAP)
        assert isinstance(found, kind)
