"""Features to offloads: a dump of the kernel's, or texts as ethtool 6.1 prints them for a tap and a bridge."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import offloads
from pxedoctor.collect.ask import offloads as ask
from pxedoctor.model.fact import Missing
from pxedoctor.model.traffic_control import Offload

ON = """\
Features for vnet0:
rx-checksumming: off [fixed]
tx-checksumming: on
\ttx-checksum-ipv4: off [fixed]
\ttx-checksum-ip-generic: on
\ttx-checksum-ipv6: off [fixed]
scatter-gather: on
"""
OFF = ON.replace("ip-generic: on", "ip-generic: off [requested on]")

HOST: dict[str, Answer] = {
    "list /sys/class/net": Text("eth0\nlo\nvirbr0\nvnet0"),
    "list /sys/class/net/eth0": Text("address\nmtu"),
    "list /sys/class/net/lo": Text("address\nmtu"),
    "list /sys/class/net/virbr0": Text("address\nbridge\nbrif"),
    "list /sys/class/net/virbr0/bridge": Text("forward_delay"),
    "list /sys/class/net/vnet0": Text("address\nbrport\ntun_flags"),
    "run ethtool -k vnet0": Text(ON),
    "run ethtool -k virbr0": Text(OFF),
    "read /sys/class/misc/vhost-net/dev": Text("10:238\n"),
}


def collected(changes: dict[str, Answer]) -> tuple[Offload, ...] | Missing:
    notebook = Notebook(Replay(HOST | changes))
    ask.ask(notebook)
    return offloads.parse(notebook.answers)


DUMP = """\
["lo", "tx-checksum-ip-generic", "loopback"]
["virbr0", "highdma"]
["vnet0", "highdma", "tx-checksum-ip-generic"]
"""


def test_one_dump_tells_of_all_devices() -> None:
    assert collected({"dump ethtool features": Text(DUMP)}) == collected({})


def test_where_there_is_a_dump_ethtool_is_not_run() -> None:
    notebook = Notebook(Replay(HOST | {"dump ethtool features": Text(DUMP)}))
    ask.ask(notebook)
    assert not [question for question in notebook.answers if question.startswith("run")]


def test_a_tap_that_is_not_in_the_dump_is_passed_over() -> None:
    found = collected({"dump ethtool features": Text('["virbr0"]\n')})
    assert isinstance(found, tuple)
    assert [(offload.device, offload.takes_partial_sums) for offload in found] == [("virbr0", False)]


@pytest.mark.parametrize("text", ["[1]", "{}", "not JSON", '["vnet0"'])
def test_a_strange_dump_is_no_fact(text: str) -> None:
    assert isinstance(collected({"dump ethtool features": Text(text)}), Missing)


def test_without_a_dump_ethtool_is_asked_of_taps_and_bridges_and_of_nothing_else() -> None:
    notebook = Notebook(Replay(HOST))
    ask.ask(notebook)
    assert {question for question in notebook.answers if question.startswith("run")} == {
        "run ethtool -k vnet0",
        "run ethtool -k virbr0",
    }


def test_on_and_off() -> None:
    assert collected({}) == (
        Offload(device="virbr0", takes_partial_sums=False, origin="ethtool -k virbr0", vhost_net=True),
        Offload(device="vnet0", takes_partial_sums=True, origin="ethtool -k vnet0", vhost_net=True),
    )


@pytest.mark.parametrize(
    ("answer", "vhost_net"), [(Absent("no such file"), False), (Failed("no answer"), None), (Text("10:238"), True)]
)
def test_vhost_net(answer: Answer, vhost_net: bool | None) -> None:
    found = collected({"read /sys/class/misc/vhost-net/dev": answer})
    assert isinstance(found, tuple)
    assert {offload.vhost_net for offload in found} == {vhost_net}


def test_a_tap_that_vanished_meanwhile_is_passed_over() -> None:
    found = collected({"run ethtool -k vnet0": Failed("Cannot get device settings: No such device")})
    assert isinstance(found, tuple)
    assert [offload.device for offload in found] == ["virbr0"]


def test_no_ethtool_is_told() -> None:
    absent = Absent("ethtool is not installed")
    found = collected({"run ethtool -k vnet0": absent, "run ethtool -k virbr0": absent})
    assert found == Missing("absent", "ethtool is not installed", "install ethtool")


def test_a_host_without_taps_and_bridges_has_none() -> None:
    assert collected({"list /sys/class/net": Text("lo")}) == ()


def test_no_sysfs_is_told() -> None:
    found = collected({"list /sys/class/net": Absent("/sys/class/net does not exist")})
    assert isinstance(found, Missing)
    assert found.status == "absent"


@pytest.mark.parametrize("text", ["", "Features for vnet0:\n", "tx-checksum-ip-generic: perhaps", "\0"])
def test_a_strange_text_is_no_fact(text: str) -> None:
    found = collected({"run ethtool -k vnet0": Text(text)})
    assert isinstance(found, tuple)
    assert [offload.device for offload in found] == ["virbr0"]
