"""Which names are a person's own, and how texts may spell them."""

from builders import domain, facts, link, network
from pxedoctor.model.fact import Unmodelled
from pxedoctor.model.firewalld import Firewalld, Zone
from pxedoctor.model.libvirt import Reservation, Subnet
from pxedoctor.model.system import System
from pxedoctor.report.anonymous.names import names_in, names_of, spellings


def told(**host: object) -> dict[str, str]:
    return {named.name: named.instead for named in names_of(facts(**host).host, b"key")}


def test_hosts_guests_networks_and_devices_of_ones_own() -> None:
    reserved = Subnet(family="ipv4", address="10.0.0.1", prefix=24, reserved=(Reservation(name="printer"),))
    names = told(
        system=System(hostname="kvm7.acme.example", kernel="6.18"),
        domains=(domain(name="payroll"),),
        networks=(network("acme-lab", subnets=(reserved,)), network("default")),
        links=(link("acme0"), link("vnet3"), link("virbr0"), link("enp3s0f1"), link("eth0.100")),
        firewalld=Firewalld(running=True, zones=(Zone(name="dmz", interfaces=("acme+", "eth+")),)),
        unmodelled=(Unmodelled(kind="domain", name="odd-one", origin="o", why="w"),),
    )
    kinds = {name: instead.partition("-")[0] for name, instead in names.items()}
    assert kinds == {
        "kvm7.acme.example": "host",
        "kvm7": "host",
        "acme.example": "domain",
        "payroll": "guest",
        "acme-lab": "net",
        "printer": "guest",
        "acme0": "if",
        "acme+": "if",
        "odd-one": "guest",
    }


def test_no_two_have_one_pseudonym_and_longer_names_come_first() -> None:
    names = names_of(facts(domains=tuple(domain(name=f"web{at}") for at in range(500))).host, b"key")
    assert len({named.instead for named in names}) == len(names)
    lengths = [len(named.name) for named in names]
    assert lengths == sorted(lengths, reverse=True)


def test_a_name_that_is_a_word_of_the_texts_is_not_replaced_everywhere() -> None:
    names = names_of(facts(domains=(domain(name="network"), domain(name="payroll"), domain(name="7"))).host, b"key")
    assert {named.name: named.everywhere for named in names} == {
        "payroll": True,
        "network": False,
        "7": False,
        "h": False,
    }


def test_names_that_only_texts_tell() -> None:
    leases = (
        "1767250800 52:54:00:0d:0d:01 10.0.0.5 laptop-of-eve 01:52:54:00:0d:0d:01\n1 52:54:00:0d:0d:02 10.0.0.6 * *\n"
    )
    status = '{"ip-address": "10.0.0.7", "hostname": "till3"}'
    log = "dnsmasq-dhcp[9]: DHCPACK(virbr0) 10.0.0.8 52:54:00:0d:0d:03 bobs-pc\n"
    xml = "<domain name='lab.acme.example' localOnly='yes'/>"
    assert [name for _, name in names_in([leases, status, log, xml, "domain=acme.example,10.0.0.0/24\n"])] == [
        "laptop-of-eve",
        "till3",
        "bobs-pc",
        "lab.acme.example",
        "acme.example",
    ]


def test_spellings() -> None:
    assert set(spellings("a & b-c")) >= {
        "a & b-c",
        "a &amp; b-c",
        "'a & b-c'",
        "a%20%26%20b-c",
        "a\\x20\\x26\\x20b\\x2dc",
    }
    assert "\\x1b" in spellings("\x1b")
