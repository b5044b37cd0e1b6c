"""http-boot-not-echoed: a URL for UEFI, the mark that its HTTP boot demands, and what a probe saw of both."""

import pytest

from boot_hosts import known, names, web01
from builders import finding, network, offer, probed, with_probes
from pxedoctor.checks.server import http_boot_not_echoed as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.libvirt import Network
from pxedoctor.model.observation import Probed
from pxedoctor.plans.plan import NoPlan

URL = "http://192.168.122.1/boot.efi"
CLASS, MARK = "dhcp-vendorclass=set:http,HTTPClient", "dhcp-option-force=tag:http,60,HTTPClient"
NAME = f"dhcp-boot=tag:http,{URL}"
BY_PXE = "dhcp-boot=tag:!http,boot.efi"


def uefi(one: Network, *seen: Probed, client: str = "ovmf") -> Outcome:
    return check.check(with_probes(known(one, firmware="efi"), *seen), web01(client))


def lines(*options: str) -> Network:
    return network(server_options=options)


def test_a_url_in_bootp_is_for_nobody_with_uefi() -> None:
    found = uefi(names(URL))
    assert isinstance(found, Broken)
    assert (found.certainty, found.severity, found.evidence[0].value) == ("proven", "broken", f"dhcp-boot={URL}")


@pytest.mark.parametrize(
    "one",
    [
        lines(CLASS, MARK, NAME),
        names(URL, server_options=("dhcp-option-force=60,HTTPClient",)),
        names(URL, server_options=("dhcp-option=option:vendor-class,HTTPClient",)),
        lines(CLASS, MARK, NAME, BY_PXE),
    ],
    ids=["by a class", "to everybody", "by its name", "PXE has a file of its own"],
)
def test_marked(one: Network) -> None:
    assert isinstance(uefi(one, client="ovmf-http"), Fine)


def test_a_mark_for_another_tag_is_none() -> None:
    assert isinstance(uefi(lines(CLASS, "dhcp-option-force=tag:other,60,HTTPClient", NAME)), NotApplicable | Broken)
    one = names(URL, server_options=("dhcp-option-force=tag:other,60,HTTPClient",))
    assert isinstance(uefi(one), Broken)


def test_a_marked_name_that_is_no_url() -> None:
    found = uefi(lines(CLASS, MARK, "dhcp-boot=tag:http,boot.efi"), client="ovmf-http")
    assert isinstance(found, Broken)
    assert "no URL" in found.headline


def test_a_tag_that_nobody_can_tell() -> None:
    assert isinstance(uefi(names(URL, server_options=("dhcp-option-force=tag:known,60,HTTPClient",))), Unknown)
    assert isinstance(uefi(lines("dhcp-boot=tag:known,boot.efi")), Unknown)


@pytest.mark.parametrize(
    ("one", "client"),
    [(names(URL), "ipxe"), (names("boot.efi"), "ovmf"), (network(), "ovmf"), (lines(CLASS, NAME, BY_PXE), "ovmf")],
    ids=["iPXE takes URLs as they are", "a file for PXE", "no file at all", "a file for PXE beside the URL"],
)
def test_who_does_not_need_it(one: Network, client: str) -> None:
    assert isinstance(uefi(one, client=client), NotApplicable)


def asked(**changes: object) -> Probed:
    values: dict[str, object] = {"file": URL, "vendor_class": "HTTPClient:Arch:00016"} | changes
    return probed(profile="ovmf-http", architecture=16, offers=(offer(**values),))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vendor_class": "", "refused": "option 60 is missing"}, "none of them says HTTPClient"),
        ({"vendor_class": "PXEClient", "refused": "option 60 is another one"}, "none of them says HTTPClient"),
        ({"file": "boot.efi"}, "no URL"),
        ({"file": ""}, "no URL"),
    ],
)
def test_a_probe_saw_offers_that_are_dropped(changes: dict[str, object], said: str) -> None:
    found = uefi(network(), asked(**changes))
    assert isinstance(found, Broken)
    assert said in found.headline
    assert found.certainty == "proven"


def test_a_probe_saw_a_good_offer() -> None:
    assert isinstance(uefi(names(URL), asked()), Fine)


def test_a_probe_that_asked_by_pxe_tells_nothing_of_http() -> None:
    assert isinstance(uefi(network(), probed(profile="ovmf", offers=(offer(vendor_class=""),))), NotApplicable)


def test_there_is_no_plan() -> None:
    planned = check.plan(finding(check, uefi(names(URL))), known(names(URL)))
    assert isinstance(planned, NoPlan)
    assert "HTTPClient" in planned.instead[0]
