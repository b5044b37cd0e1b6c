"""What is attached to a device on the way and is not modelled: nobody can tell, and nobody guesses."""

import pytest

from builders import link
from pxedoctor.model.traffic_control import TcText
from pxedoctor.road import device
from pxedoctor.road.hop import Fate
from pxedoctor.road.packet_name import PacketName as Name
from road_walks import LINKS, journey

# As tc 6.1 prints them.
CLASSES = "filter protocol ip pref 5 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 *flowid 1:1 not_in_hw\n"
POLICED = CLASSES + " police 0x1 rate 8Mbit burst 10Kb mtu 2Kb action drop overhead 0b\n"
DROPS = CLASSES + "\taction order 1: gact action drop\n"
REDIRECTS = CLASSES + "\taction order 1: mirred (Egress Redirect to device ifb0) stolen\n"
BPF = "filter protocol all pref 1 bpf chain 0 handle 0x1 x.o:[cls] direct-action not_in_hw id 7\n"
SUMS = CLASSES + "\taction order 1: csum (ip4h, udp) action pass\n"


@pytest.mark.parametrize(
    ("filters", "known"),
    [("", True), (CLASSES, True), (POLICED, True), (SUMS, True), (DROPS, False), (REDIRECTS, False), (BPF, False)],
    ids=["none", "only sorts", "libvirt's bandwidth", "fills sums", "may drop", "may redirect", "a program"],
)
@pytest.mark.parametrize("ingress", [True, False], ids=["in", "out"])
def test_filters_of_tc(filters: str, known: bool, ingress: bool) -> None:
    text = TcText(device="vnet0", filters=filters, origin="tc filter show dev vnet0 ingress", ingress=ingress)
    found = journey(Name.DISCOVER, traffic_control=(text,))
    (device.inwards if ingress else device.outwards)(found, "vnet0")
    assert [hop.predicted for hop in found.hops] == ([] if known else [Fate.UNKNOWN])
    (device.outwards if ingress else device.inwards)(found, "vnet0")
    (device.inwards if ingress else device.outwards)(found, "eno1")
    assert len(found.hops) == (0 if known else 1), "the other direction and the other device are not concerned"


def test_an_xdp_program() -> None:
    with_program = (*LINKS[:2], link("vnet0", xdp=True))
    found = journey(Name.DISCOVER, links=with_program)
    device.programs(found, "vnet0")
    device.programs(found, "eno1")
    (hop,) = found.hops
    assert (hop.predicted, hop.device) == (Fate.UNKNOWN, "vnet0")
    assert "an XDP program is attached to vnet0" in hop.why
