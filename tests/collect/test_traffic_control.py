"""tc's listings to filters: who is asked, and what becomes of the answers."""

import json

import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import traffic_control
from pxedoctor.collect.ask import traffic_control as ask
from pxedoctor.model.fact import Missing
from pxedoctor.model.traffic_control import TcText

QDISCS = "run tc -j qdisc show"
# iproute2 6.1, after the commands of libvirt's nftables backend, and a clsact qdisc on a tap and on an ordinary NIC.
LISTED = [
    {"kind": "noqueue", "handle": "0:", "dev": "lo", "root": True, "refcnt": 2, "options": {}},
    {"kind": "htb", "handle": "1:", "dev": "virbr0", "root": True, "refcnt": 2, "options": {"default": "0x2"}},
    {"kind": "noqueue", "handle": "0:", "dev": "br0", "root": True, "refcnt": 2, "options": {}},
    {"kind": "htb", "handle": "8001:", "dev": "eth0", "root": True, "refcnt": 2, "options": {}},
    {"kind": "clsact", "handle": "ffff:", "dev": "eth0", "parent": "ffff:fff1", "options": {}},
    {"kind": "clsact", "handle": "ffff:", "dev": "vnet0", "parent": "ffff:fff1", "options": {}},
]
FILTER = "filter parent 1: protocol ip pref 2 u32 chain 0 \n"

HOST: dict[str, Answer] = {
    QDISCS: Text(json.dumps(LISTED)),
    "list /sys/class/net/virbr0/bridge": Text("forward_delay"),
    "list /sys/class/net/br0/bridge": Text("forward_delay"),
    "list /sys/class/net/vnet0": Text("tun_flags"),
    "list /sys/class/net/eth0": Text("address"),
    "run tc filter show dev virbr0": Text(FILTER),
    "run tc filter show dev vnet0 egress": Text(""),
}


def collected(changes: dict[str, Answer]) -> tuple[TcText, ...] | Missing:
    notebook = Notebook(Replay(HOST | changes))
    ask.ask(notebook)
    return traffic_control.parse(notebook.answers)


def test_only_devices_that_can_have_filters_on_a_guests_way_are_asked() -> None:
    notebook = Notebook(Replay(HOST))
    ask.ask(notebook)
    assert {question for question in notebook.answers if question.startswith("run")} == {
        QDISCS,
        "run tc filter show dev virbr0",
        "run tc filter show dev vnet0 egress",
    }


def test_filters_stay_texts() -> None:
    assert collected({}) == (
        TcText(device="virbr0", root="htb 1:", filters=FILTER, origin="tc filter show dev virbr0"),
        TcText(device="vnet0", root="", filters="", origin="tc filter show dev vnet0 egress"),
    )


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Absent("tc is not installed"), "absent"),
        (Forbidden("not for you"), "forbidden"),
        (Failed('Option "-j" is unknown'), "failed"),
        (Text("qdisc noqueue 0: dev lo root"), "failed"),
        (Text("{}"), "failed"),
        (Text("[" * 100_000), "failed"),
    ],
    ids=["no tc", "forbidden", "an old tc", "text", "no list", "a bomb"],
)
def test_no_listing_is_told(answer: Answer, status: str) -> None:
    found = collected({QDISCS: answer})
    assert isinstance(found, Missing)
    assert found.status == status


def test_filters_that_could_not_be_had_are_told() -> None:
    found = collected({"run tc filter show dev virbr0": Failed("tc ended with 2")})
    assert found == Missing("failed", "tc ended with 2")


def test_an_empty_listing_is_no_filter() -> None:
    assert collected({QDISCS: Text("")}) == ()


def test_entries_that_are_no_qdiscs_are_passed_over() -> None:
    assert collected({QDISCS: Text('[1, null, {"dev": "virbr0"}, {"kind": "htb", "root": true}]')}) == ()
