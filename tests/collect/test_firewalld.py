"""firewalld's collector, from texts that a real firewalld 1.3.3 gave: over D-Bus, and by firewall-cmd."""

from pathlib import Path

import msgspec
import pytest

from pxedoctor.access.answer import Absent, Answer, Failed, Forbidden, Text, read_question, run_question
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import firewalld
from pxedoctor.collect.ask import firewalld as asked
from pxedoctor.model.fact import Missing
from pxedoctor.model.firewalld import Firewalld

_DATA = Path(__file__).parent / "data"


def recorded(name: str) -> dict[str, Answer]:
    return msgspec.json.decode((_DATA / f"firewalld-{name}.json").read_bytes(), type=dict[str, Answer])


def parsed(answers: dict[str, Answer]) -> Firewalld:
    found = firewalld.parse(answers)
    assert isinstance(found, Firewalld), found
    return found


def asked_of(answers: dict[str, Answer]) -> list[str]:
    """The questions that the asking half puts to a host that answers so."""
    notebook = Notebook(Replay(answers))
    asked.ask(notebook)
    return list(notebook.answers)


BUS = {"list /run/dbus": Text("pid\nsystem_bus_socket")}
OWNED = run_question(asked.OWNED)


@pytest.mark.parametrize("name", ["bus", "cmd"])
def test_the_zone_that_libvirt_uses(name: str) -> None:
    host = parsed(recorded(name))
    zone = host.zone_of("virbr0")
    assert zone is not None
    assert (zone.name, zone.target, zone.interfaces) == ("libvirt", "ACCEPT", ("virbr0",))
    assert zone.services == ("dhcp", "dhcpv6", "dns", "ssh", "tftp")
    assert zone.protocols == ("icmp", "ipv6-icmp")
    assert zone.rich_rules == ('rule priority="32767" reject',)
    assert (zone.stored_in, zone.stored_services) == ("/usr/lib/firewalld/zones/libvirt.xml", zone.services)
    assert (host.running, host.default_zone, host.backend, host.flush_all_on_reload) == (
        True,
        "public",
        "nftables",
        True,
    )
    assert "drop" in host.zone_names


@pytest.mark.parametrize("name", ["bus", "cmd"])
def test_everything_that_a_zone_can_let_in(name: str) -> None:
    zone = parsed(recorded(name)).zone("public")
    assert zone is not None
    assert set(zone.services) == {"ssh", "dhcpv6-client"}
    assert zone.ports == (("1067-1069", "udp"),)
    assert zone.source_ports == (("68", "udp"),)
    assert zone.forward_ports == (("69", "udp"),)
    assert zone.sources == ("52:54:00:AA:BB:CC",)
    assert {rule.partition(" family")[0] for rule in zone.rich_rules} == {'rule priority="-5"', "rule"}


@pytest.mark.parametrize("name", ["bus", "cmd"])
def test_policies_with_priority_and_direction(name: str) -> None:
    policies = {policy.name: policy for policy in parsed(recorded(name)).policies}
    to_host = policies["libvirt-to-host"]
    assert (to_host.ingress, to_host.egress) == (("libvirt-routed",), ("HOST",))
    assert (to_host.priority, to_host.target) == (-1, "REJECT")
    assert to_host.services == ("dhcp", "dhcpv6", "dns", "ssh", "tftp")
    assert policies["allow-host-ipv6"].priority == -15000


def test_both_ways_tell_the_same() -> None:
    by_bus, by_cmd = parsed(recorded("bus")), parsed(recorded("cmd"))
    assert by_bus.zone("libvirt") == by_cmd.zone("libvirt")
    assert by_bus.policies == by_cmd.policies
    # firewall-cmd lists every zone, so more services are read; those that both know are the same.
    assert {service.name for service in by_bus.services} <= {service.name for service in by_cmd.services}
    assert all(by_cmd.service(service.name) == service for service in by_bus.services)


def test_services_are_read_with_their_ports() -> None:
    service = parsed(recorded("bus")).service("dhcp")
    assert service is not None
    assert (service.ports, service.origin) == ((("67", "udp"),), "/usr/lib/firewalld/services/dhcp.xml")
    limited = parsed(recorded("bus")).service("dhcpv6-client")
    assert limited is not None
    assert limited.destinations == ("fe80::/64",)


def test_an_administrators_files_win() -> None:
    answers = recorded("bus")
    answers[read_question("/etc/firewalld/zones/libvirt.xml")] = Text('<zone><service name="ssh"/></zone>')
    answers[read_question("/etc/firewalld/services/dhcp.xml")] = Text(
        '<service><port port="1" protocol="tcp"/></service>'
    )
    host = parsed(answers)
    zone, service = host.zone("libvirt"), host.service("dhcp")
    assert zone is not None
    assert service is not None
    assert (zone.stored_in, zone.stored_services) == ("/etc/firewalld/zones/libvirt.xml", ("ssh",))
    assert zone.stored_text == '<zone><service name="ssh"/></zone>'
    assert service.ports == (("1", "tcp"),)


def test_what_is_stored_is_not_known_where_the_administrators_file_is_closed() -> None:
    answers = recorded("bus")
    answers[read_question("/etc/firewalld/zones/libvirt.xml")] = Forbidden("not for you")
    zone = parsed(answers).zone("libvirt")
    assert zone is not None
    assert zone.stored_services is None


def test_a_port_without_a_number_is_its_whole_protocol() -> None:
    answers = recorded("bus")
    answers[read_question("/etc/firewalld/services/dhcp.xml")] = Text(
        '<service><port port="" protocol="udp"/><source-port port="68" protocol="udp"/>'
        '<protocol value="esp"/><include service="tftp"/></service>'
    )
    service = parsed(answers).service("dhcp")
    assert service is not None
    assert (service.ports, service.protocols) == ((), ("udp", "esp"))
    assert (service.source_ports, service.includes) == ((("68", "udp"),), ("tftp",))


def test_what_firewalld_conf_leaves_out_has_its_default() -> None:
    answers = recorded("bus")
    answers[read_question(asked.CONFIG)] = Text("# FlushAllOnReload=no\nDefaultZone=public\n")
    assert (parsed(answers).flush_all_on_reload, parsed(answers).backend) == (True, "nftables")
    answers[read_question(asked.CONFIG)] = Text("FlushAllOnReload=no\nFirewallBackend=iptables\n")
    assert (parsed(answers).flush_all_on_reload, parsed(answers).backend) == (False, "iptables")
    answers[read_question(asked.CONFIG)] = Forbidden("not for you")
    assert (parsed(answers).flush_all_on_reload, parsed(answers).backend) == (None, "")


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({"list /run/dbus": Absent("no such folder")}, id="no bus"),
        pytest.param({"list /run/dbus": Text("pid")}, id="a bus without a socket"),
        pytest.param(BUS | {OWNED: Text('{"type":"b","data":[false]}')}, id="nobody owns the name"),
        pytest.param(
            BUS
            | {
                OWNED: Absent("busctl is not installed"),
                run_question(asked.OWNED_BY_DBUS_SEND): Text("method return\n   boolean false\n"),
            },
            id="nobody owns it, says dbus-send",
        ),
    ],
)
def test_not_running(answers: dict[str, Answer]) -> None:
    assert firewalld.parse(answers) == Firewalld(running=False)
    questions = asked_of(answers)
    assert not [question for question in questions if "FirewallD1 /org" in question or "firewall-cmd" in question]


def test_nothing_may_start_it() -> None:
    questions = [question for question in asked_of(recorded("bus")) if question.startswith("run ")]
    assert len(questions) > 5
    assert all(question.startswith("run busctl --system --auto-start=no ") for question in questions)


def test_few_questions_where_it_does_not_run() -> None:
    answers = BUS | {OWNED: Text('{"type":"b","data":[false]}')}
    assert asked_of(answers) == ["list /run/dbus", OWNED]


def test_zones_that_a_network_names_are_asked_for() -> None:
    answers = recorded("bus") | {
        "list /etc/libvirt/qemu/networks": Text("a.xml"),
        "read /etc/libvirt/qemu/networks/a.xml": Text("<network><bridge name='virbr9' zone='work'/></network>"),
    }
    questions = asked_of(answers)
    assert run_question(asked.zone_settings("work")) in questions
    assert run_question(asked.zone_settings("home")) not in questions


def test_a_plain_user_is_refused_once() -> None:
    answers = recorded("bus")
    refused = Forbidden("Not Authorized(polkit)")
    answers |= {question: refused for question in answers if "Settings" in question}
    found = firewalld.parse({question: answers[question] for question in asked_of(answers)})
    assert found == Missing("forbidden", "Not Authorized(polkit)", "run it as root")
    assert len([question for question in asked_of(answers) if "Settings" in question]) == 1


def test_an_old_firewalld_is_asked_by_firewall_cmd() -> None:
    """getZoneSettings2 came with 0.9; Debian 10 and Ubuntu 20.04 have it not."""
    by_cmd = recorded("cmd")
    answers = recorded("bus")
    answers |= {question: Failed("Unknown method") for question in answers if "Settings" in question}
    answers = by_cmd | answers | {question: by_cmd[question] for question in by_cmd if "firewall-cmd" in question}
    questions = asked_of(answers)
    assert run_question(asked.CMD_ZONES) in questions
    assert parsed({question: answers[question] for question in questions}).zones == parsed(by_cmd).zones


def test_a_reply_that_is_none_is_not_taken_for_no() -> None:
    found = firewalld.parse(BUS | {OWNED: Text("boolean?")})
    assert isinstance(found, Missing)
    assert found.status == "failed"


def test_neither_busctl_nor_dbus_send() -> None:
    answers: dict[str, Answer] = BUS | {OWNED: Failed("Connection refused")}
    found = firewalld.parse(answers)
    assert isinstance(found, Missing)
    assert (found.status, found.why) == ("failed", "Connection refused")
