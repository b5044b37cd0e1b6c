"""What the person asked about, and what is said where the host has no such thing."""

import pytest

from builders import GUEST, MAC, TARGET, bridge, client, domain, host, link, network, nic
from pxedoctor.diagnose.selected import select
from pxedoctor.diagnose.selection import Selection, SelectionError
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.host import Host

NAT = network()
ON_NETWORK = domain(nic(kind="network", source="default"), name="web02", uuid="u2")
LAB = host(
    domains=(domain(), ON_NETWORK),
    networks=(NAT, network("idle", active=False, autostart=False, bridge="virbr1")),
    bridges=(bridge("br0"), bridge("virbr0"), bridge("docker0"), bridge("br9")),
    links=(link("mine", master="br9"), link("eno1", kind="", master="br9")),
)
FORBIDDEN = Missing("forbidden", "not for you", "run it as root")
ABSENT = Missing("absent", "no libvirt here", "install libvirt")


def ids(selection: Selection, of: Host = LAB) -> list[str]:
    return [target.id for target in select(of, selection)]


def refused(selection: Selection, of: Host = LAB) -> SelectionError:
    with pytest.raises(SelectionError) as caught:
        select(of, selection)
    assert caught.value.would_help
    return caught.value


def test_everything() -> None:
    """Guests, taps that nobody owns, networks without guests that are used, bridges that could serve guests."""
    assert ids(Selection()) == [TARGET, f"web02/{MAC}", "tap/mine"]
    empty = host(networks=LAB.networks, bridges=LAB.bridges)
    assert ids(Selection(), empty) == ["network/default", "bridge/br0", "bridge/br9"]


def test_a_guest_by_name_and_by_uuid() -> None:
    assert ids(Selection(guests=("web02",))) == ids(Selection(guests=("u2",))) == [f"web02/{MAC}"]


def test_a_guest_named_twice_is_one_guest() -> None:
    assert ids(Selection(guests=(GUEST, GUEST, "u"))) == [TARGET]


def test_each_nic_is_a_target() -> None:
    two = host(domains=(domain(nic(), nic(mac="", position=2)),))
    assert ids(Selection(guests=(GUEST,)), two) == [TARGET, f"{GUEST}/2"]


def test_the_bridge_of_a_nic() -> None:
    (target,) = select(LAB, Selection(guests=("web02",)))
    assert (target.bridge, target.network, target.tap) == ("virbr0", "default", None)


def test_a_network_is_its_guests_or_itself() -> None:
    assert ids(Selection(network="default")) == [f"web02/{MAC}"]
    assert ids(Selection(network="idle")) == ["network/idle"]


def test_a_bridge_is_what_is_plugged_in_or_itself() -> None:
    assert ids(Selection(bridge="br0")) == [TARGET]
    assert ids(Selection(bridge="br9")) == ["tap/mine"]
    assert ids(Selection(bridge="docker0")) == ["bridge/docker0"]
    assert ids(Selection(bridge="virbr1")) == ["bridge/virbr1"], "a network's, that does not exist now"


def test_the_client_that_was_named_is_everybodys() -> None:
    for selection in (Selection(), Selection(bridge="docker0"), Selection(network="idle"), Selection(bridge="br9")):
        named = Selection(network=selection.network, bridge=selection.bridge, client=client("windows"))
        assert {target.client for target in select(LAB, named)} == {client("windows")}


@pytest.mark.parametrize("name", ["vnet0-nic", "claimed", "down", "loose", "eno1"])
def test_taps_that_are_no_guests_of_their_own(name: str) -> None:
    running = domain(nic(tap="claimed"), running=True)
    links = {
        "vnet0-nic": link("vnet0-nic", master="br9"),
        "claimed": link("claimed", master="br9"),
        "down": link("down", master="br9", up=False),
        "loose": link("loose"),
        "eno1": link("eno1", kind="", master="br9"),
    }
    of = host(bridges=(bridge("br9"),), links=(links[name],), domains=(running,))
    assert f"tap/{name}" not in ids(Selection(), of)


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (Selection(guests=("web1",)), "guest 'web1'"),
        (Selection(guests=("",)), "guest ''"),
        (Selection(network="defualt"), "network 'defualt'"),
        (Selection(bridge="br"), "bridge 'br'"),
    ],
)
def test_what_is_not_there(selection: Selection, words: str) -> None:
    assert f"there is no {words} on this host" in refused(selection).message


def test_the_nearest_name_comes_first() -> None:
    many = host(domains=(*(domain(name=f"guest{n:03}") for n in range(200)), domain(name="zebra")))
    help_ = refused(Selection(guests=("zebar",)), many).would_help
    assert help_.startswith("guests here: 'zebra', 'guest000'")
    assert help_.endswith("and 193 more")


def test_a_name_of_a_page_is_not_repeated() -> None:
    error = refused(Selection(guests=("\x1b" * 10_000,)), host(domains=(domain(name="y" * 10_000),)))
    assert len(error.message) + len(error.would_help) < 1000


def test_a_host_that_has_none() -> None:
    assert refused(Selection(guests=("a",)), host()).would_help == "guests here: none at all"


def test_a_guest_without_a_nic() -> None:
    error = refused(Selection(guests=(GUEST,)), host(domains=(domain(nics=()),)))
    assert "no network interface" in error.message


@pytest.mark.parametrize("selection", [Selection(guests=("web01",)), Selection(network="default")])
def test_without_libvirt_there_is_no_such_thing(selection: Selection) -> None:
    assert "no libvirt here" in refused(selection, host(domains=ABSENT, networks=ABSENT)).message


@pytest.mark.parametrize(
    ("selection", "kind"),
    [(Selection(guests=("web01",)), "guests"), (Selection(network="default"), "network"), (Selection(), "guests")],
)
def test_what_could_not_be_looked_up_is_a_target_nobody_can_judge(selection: Selection, kind: str) -> None:
    (target,) = select(host(domains=FORBIDDEN, networks=FORBIDDEN), selection)
    assert target.kind == kind


def test_bridges_that_could_not_be_looked_up() -> None:
    assert "not for you" in refused(Selection(bridge="br0"), host(bridges=FORBIDDEN)).message
    of = host(bridges=FORBIDDEN, networks=(NAT,))
    assert ids(Selection(bridge="virbr0"), of) == ["bridge/virbr0"]


@pytest.mark.parametrize(
    ("kind", "selection"),
    [("domain", Selection(guests=("odd",))), ("network", Selection(network="odd"))],
)
def test_what_was_not_understood_says_so(kind: str, selection: Selection) -> None:
    strange = Unmodelled(kind=kind, name="odd", origin="/etc/odd.xml", why="not well-formed")  # type: ignore[arg-type]
    error = refused(selection, host(unmodelled=(strange,)))
    assert "not well-formed" in error.message
    assert "/etc/odd.xml" in error.would_help


def test_a_bridge_that_was_not_understood_is_a_target() -> None:
    strange = Unmodelled(kind="bridge", name="br7", origin="/sys/class/net/br7/bridge", why="77")
    assert ids(Selection(), host(unmodelled=(strange,))) == ["bridge/br7"]
    assert ids(Selection(bridge="br7"), host(unmodelled=(strange,))) == ["bridge/br7"]


UNSEEN = host(bridges=Missing("failed", "not this namespace's /sys", "mount it"), links=(link("br7", kind="bridge"),))


def test_a_bridge_of_which_no_more_is_known_than_that_it_is_one() -> None:
    assert ids(Selection(), UNSEEN) == ids(Selection(bridge="br7"), UNSEEN) == ["bridge/br7"]
    assert "cannot be looked up" in refused(Selection(bridge="br8"), UNSEEN).message
