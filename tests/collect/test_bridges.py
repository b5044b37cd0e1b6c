"""sysfs' bridges, real and otherwise: what is not understood is named, and the others are known."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Forbidden, Text
from pxedoctor.collect import bridges
from pxedoctor.model.bridge import Bridge, PortState, Stp
from pxedoctor.model.fact import Missing, Unmodelled
from recorded import BRIDGE, TAP, UPLINK, running_guest

FOLDER = f"/sys/class/net/{BRIDGE}/bridge"
STATE = f"read /sys/class/net/{TAP}/brport/state"
XSTATS = f"run ip -j link xstats type bridge_slave dev {UPLINK} stp"


def parsed(**changes: str | Answer) -> tuple[Bridge | Unmodelled, ...]:
    found = bridges.parse(running_guest(**changes))
    assert isinstance(found, tuple), found
    return found


def the_bridge(**changes: str | Answer) -> Bridge:
    (found,) = parsed(**changes)
    assert isinstance(found, Bridge), found
    return found


def test_a_real_bridge() -> None:
    bridge = the_bridge()
    assert (bridge.name, bridge.stp, bridge.forward_delay) == (BRIDGE, Stp.KERNEL, 15.0)
    assert (bridge.hello_time, bridge.max_age, bridge.root_port) == (2.0, 20.0, 0)
    assert bridge.is_root
    assert bridge.bridge_id == bridge.root_id


def test_real_ports() -> None:
    ports = {port.name: port for port in the_bridge().ports}
    assert set(ports) == {TAP, UPLINK}
    assert ports[TAP].state is PortState.LISTENING
    assert ports[UPLINK].bpdus_received == 0
    assert ports[TAP].bpdus_received is None, "a tap's are not asked for"


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ('[{"stp":{"rx_bpdu":12,"rx_tcn":3}}]', 15),
        ('[{"xstats":{"bridge_slave":[{"stp":{"rx_bpdu":1,"rx_tcn":0}}]}}]', 1),
        ('[{"stp":{"rx_bpdu":12}}]', None),
        ("[]", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_bpdus_as_versions_of_iproute2_print_them(text: str, received: int | None) -> None:
    port = the_bridge(**{XSTATS: text}).port(UPLINK)
    assert port is not None
    assert port.bpdus_received == received


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("forward_delay", "abc"),
        ("forward_delay", ""),
        ("forward_delay", "-5"),
        ("forward_delay", "9" * 400),
        ("forward_delay", "9" * 5000),
        ("stp_state", "3"),
        ("root_port", "0x1"),
        ("max_age", "1e3"),
    ],
)
def test_numbers_out_of_range(file: str, text: str) -> None:
    (found,) = parsed(**{f"read {FOLDER}/{file}": text})
    assert isinstance(found, Unmodelled)
    assert (found.kind, found.name, found.origin) == ("bridge", BRIDGE, FOLDER)
    assert found.why


@pytest.mark.parametrize("state", ["77", "", "forwarding", "-1"])
def test_a_port_state_nobody_knows(state: str) -> None:
    (found,) = parsed(**{STATE: state})
    assert isinstance(found, Unmodelled)


def test_the_other_bridges_stay_known() -> None:
    second = {
        "list /sys/class/net": Text(f"{BRIDGE}\nbr9"),
        "list /sys/class/net/br9/bridge": Text("stp_state"),
        "list /sys/class/net/br9/brif": Text(""),
        "read /sys/class/net/br9/bridge/stp_state": Text("x"),
    }
    found = parsed(**second)
    assert [type(entry) for entry in found] == [Bridge, Unmodelled]


def test_a_port_that_vanished_while_we_looked_is_no_port() -> None:
    assert [port.name for port in the_bridge(**{STATE: Absent("gone")}).ports] == [UPLINK]


def test_a_bridge_that_vanished_while_we_looked_is_no_bridge() -> None:
    assert parsed(**{f"read {FOLDER}/stp_state": Absent("gone")}) == ()


@pytest.mark.parametrize("question", [STATE, f"read {FOLDER}/root_id", f"list /sys/class/net/{BRIDGE}/brif"])
def test_what_may_not_be_read_is_not_taken_for_absent(question: str) -> None:
    (found,) = parsed(**{question: Forbidden("not for you")})
    assert isinstance(found, Unmodelled)
    assert "not for you" in found.why


def test_without_sysfs() -> None:
    found = bridges.parse(running_guest(**{"list /sys/class/net": Absent("no such folder")}))
    assert found == Missing("absent", "no such folder", "mount sysfs at /sys")
