"""boot-file-not-offered: who needs a boot file, and how it is known that nobody names one."""

import msgspec
import pytest

from builders import bridge, domain, facts, finding, network, nic, offer, port, probed, target, with_probes
from pxedoctor.checks.server import boot_file_not_offered as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Domain, Network, Subnet
from pxedoctor.model.observation import Probed, SeenBootServer
from pxedoctor.plans.plan import NoPlan
from pxedoctor.wire import pxe
from pxedoctor.wire.dhcp4_known import VENDOR_SPECIFIC

VIRBR0 = bridge("virbr0", ports=(port("vnet0"),))
ON_NETWORK = nic(kind="network", source="default")
GUEST = domain(ON_NETWORK)
BY_DISK = domain(ON_NETWORK, boot=("network", "hd"))


def web01(client: str | None = "ipxe"):  # type: ignore[no-untyped-def]
    return target(client, bridge="virbr0", network="default")


def served(one: Network, guest: Domain = GUEST, client: str | None = "ipxe", *seen: Probed) -> Outcome:
    host = facts(bridges=(VIRBR0,), networks=(one,), domains=(guest,), processes=())
    return check.check(with_probes(host, *seen), web01(client))


def with_subnet(**changes: object) -> Network:
    one = network()
    return network(subnets=(msgspec.structs.replace(one.subnets[0], **changes),))


FILES_WITHOUT_A_NAME = with_subnet(tftp_root="/srv/tftp")


def test_a_network_that_serves_files_and_names_none() -> None:
    found = served(FILES_WITHOUT_A_NAME)
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", "likely", "default")
    assert "bootp" in found.evidence[0].origin


def test_a_network_that_only_hands_out_addresses_may_have_a_proxy_beside_it() -> None:
    found = served(network())
    assert isinstance(found, Unknown)
    assert not found.on_road


@pytest.mark.parametrize(
    "one",
    [
        with_subnet(tftp_root="/srv/tftp", boot_file="boot.0"),
        network(server_options=("dhcp-match=set:ipxe,175", "dhcp-boot=tag:ipxe,boot.ipxe")),
        network(server_options=("dhcp-boot=tag:!other,boot.0",)),
        network(server_options=("dhcp-option=67,boot.0",)),
    ],
    ids=["bootp", "by a tag of iPXE's", "by the absence of a tag", "as option 67"],
)
def test_named(one: Network) -> None:
    assert isinstance(served(one), Fine)


def test_named_for_another_firmware_alone() -> None:
    lines = ("enable-tftp", "dhcp-match=set:efi,option:client-arch,7", "dhcp-boot=tag:efi,boot.efi")
    assert isinstance(served(network(server_options=lines)), Broken)
    efi = domain(ON_NETWORK, firmware="efi")
    assert isinstance(served(network(server_options=lines), efi, "ovmf"), Fine)


def test_a_tag_that_something_else_sets_is_not_known() -> None:
    lines = ("tag-if=set:here,tag:known", "dhcp-boot=tag:here,boot.0")
    assert isinstance(served(network(server_options=lines)), Unknown)


def test_another_nic_that_no_firmware_boots_from_is_no_way_out() -> None:
    """Of several NICs <boot dev='network'/> means the first alone."""
    assert isinstance(
        served(FILES_WITHOUT_A_NAME, domain(ON_NETWORK, nic(mac="52:54:00:0d:0d:02", position=2))), Broken
    )


@pytest.mark.parametrize(
    ("guest", "client"),
    [
        pytest.param(BY_DISK, "ipxe", id="it has a disk behind it"),
        pytest.param(domain(ON_NETWORK, boot=("hd", "network")), "ipxe", id="its disk comes first"),
        pytest.param(
            domain(nic(kind="network", source="default", boot_order=1), nic(mac="52:54:00:0d:0d:02", boot_order=2)),
            "ipxe",
            id="another NIC may boot",
        ),
        pytest.param(
            domain(nic(kind="network", source="default", boot_order=1), other_boot_orders=(2,)), "ipxe", id="by order"
        ),
        pytest.param(GUEST, None, id="nobody knows what asks"),
        pytest.param(GUEST, "dhclient", id="an operating system asks"),
    ],
)
def test_who_does_not_need_it(guest: Domain, client: str | None) -> None:
    assert isinstance(served(FILES_WITHOUT_A_NAME, guest, client), NotApplicable)
    saw = probed(offers=(offer(file=""),))
    assert isinstance(served(FILES_WITHOUT_A_NAME, guest, client, saw), NotApplicable)


def test_a_probe_saw_offers_without_a_file() -> None:
    found = served(network(), GUEST, "ipxe", probed(offers=(offer(file="", next_server="0.0.0.0"),)))
    assert isinstance(found, Broken)
    assert found.certainty == "proven"
    assert "192.168.122.1 (52:54:00:00:00:01)" in found.evidence[0].text


MENU = VENDOR_SPECIFIC.of((pxe.BOOT_MENU.of((pxe.MenuEntry(type=0, text="disk"),)),))


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(probed(offers=(offer(),)), id="the server names it"),
        pytest.param(
            probed(offers=(offer(file=""), offer(address="", proxy=True, vendor_class="PXEClient"))), id="a proxy does"
        ),
        pytest.param(
            probed(
                offers=(offer(file=""),),
                boot_servers=(SeenBootServer(at=1, server="192.168.122.9", port=4011, answered=True, file="boot.0"),),
            ),
            id="a boot server does, asked on port 4011",
        ),
        pytest.param(
            probed(offers=(offer(file="", vendor_class="PXEClient", options=((MENU.code, MENU.content),)),)),
            id="a menu names several",
        ),
        pytest.param(probed(offers=(offer(file="http://192.168.122.1/boot.ipxe", next_server=""),)), id="a URL"),
    ],
)
def test_a_probe_saw_it(seen: Probed) -> None:
    assert isinstance(served(FILES_WITHOUT_A_NAME, GUEST, "ipxe", seen), Fine)


def test_a_file_without_a_server_leaves_ipxe_with_half_of_it() -> None:
    seen = probed(offers=(offer(next_server="0.0.0.0"),))
    found = served(network(), GUEST, "ipxe", seen)
    assert isinstance(found, Broken)
    assert "next-server" in found.headline


def test_uefi_takes_the_dhcp_server_where_no_other_is_named() -> None:
    seen = probed(profile="ovmf", offers=(offer(next_server="0.0.0.0"),))
    assert isinstance(served(network(), domain(ON_NETWORK, firmware="efi"), "ovmf", seen), Fine)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(probed(offers=()), id="no offer at all is another cause"),
        pytest.param(probed(whole=False, offers=(offer(file=""),)), id="it was cut short: a proxy may follow"),
        pytest.param(probed(profile="dhclient", offers=(offer(file=""),)), id="asked as an operating system"),
        pytest.param(probed(offers=(offer(file="", refused="its UDP sum is wrong"),)), id="an offer nobody takes"),
    ],
)
def test_what_a_probe_does_not_prove(seen: Probed) -> None:
    assert isinstance(served(network(), GUEST, "ipxe", seen), Unknown)


def test_a_server_outside_is_not_known() -> None:
    host = facts(bridges=(bridge("br0", ports=(port("eth0"),)),), domains=(domain(),), processes=())
    assert isinstance(check.check(host, target()), Unknown)


def test_there_is_no_plan_and_the_words_are_the_owners() -> None:
    host = facts(bridges=(VIRBR0,), networks=(FILES_WITHOUT_A_NAME,), domains=(GUEST,), processes=())
    planned = check.plan(finding(check, check.check(host, web01())), host)
    assert isinstance(planned, NoPlan)
    assert "net-edit default" in planned.instead[0]


RANGE6 = Subnet(family="ipv6", address="fd00::1", prefix=64, ranges=(("fd00::10", "fd00::ff"),))


def over_ipv6(one: Network) -> Outcome:
    here = facts(bridges=(bridge("virbr0"),), networks=(one,), domains=(GUEST,), processes=())
    return check.check(here, web01("ovmf"))


@pytest.mark.parametrize("word", ["option6:bootfile-url", "option6:59"])
def test_over_ipv6_the_boot_file_is_a_url_in_option_59(word: str) -> None:
    with_url = network(subnets=(RANGE6,), server_options=(f"dhcp-option={word},tftp://[fd00::1]/ipxe.efi",))
    found = over_ipv6(with_url)
    assert isinstance(found, Fine)
    assert found.why.endswith("tftp://[fd00::1]/ipxe.efi")


def test_over_ipv6_without_that_option_there_is_nothing_to_boot_from() -> None:
    found = over_ipv6(network(subnets=(RANGE6,)))
    assert isinstance(found, Broken)
    assert (found.certainty, "option 59" in found.headline) == ("likely", True)
