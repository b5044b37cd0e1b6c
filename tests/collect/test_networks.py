"""Virtual networks: active or not, their dnsmasq's pid, and whether libvirt has started them since the boot."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Answers, Failed, Forbidden, Text, list_question, run_question
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import libvirt, networks
from pxedoctor.collect.ask import libvirt as ask_libvirt
from pxedoctor.model.fact import Missing, Unmodelled
from pxedoctor.model.libvirt import Definition, Libvirt, Network, Reservation

# libvirt 9.0.0: `virsh net-define`, and its status file once it runs.
DEFINED = """\
<!--
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh net-edit lab
or other application using the libvirt API.
-->

<network>
  <name>lab</name>
  <uuid>6f0c1b52-0d0d-4d0d-8d0d-0d0d0d0d0d01</uuid>
  <forward mode='nat'/>
  <bridge name='virbr0' stp='off' delay='0'/>
  <mac address='52:54:00:0d:0d:fe'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.150.10' end='192.168.150.99'/>
      <host mac='52:54:00:0d:0d:01' ip='192.168.150.5'/>
    </dhcp>
  </ip>
</network>
"""
LIVE = (
    f"<networkstatus>\n  <class_id bitmap='0-2'/>\n  <floor sum='0'/>\n{DEFINED.partition('-->')[2]}</networkstatus>\n"
)
FOLDER, STATE = "/etc/libvirt/qemu/networks", "/run/libvirt/network"
GONE = Absent("does not exist")


def texts(**changes: Answer) -> dict[str, Answer]:
    """A host whose network `lab` is defined, set to autostart, and active."""
    return {
        "list /run/libvirt": Text("libvirt-sock\nnetwork\nqemu"),
        f"list {FOLDER}": Text("autostart\nlab.xml"),
        f"list {FOLDER}/autostart": Text("lab.xml"),
        f"list {STATE}": Text("autostarted\ndriver.pid\nlab.pid\nlab.xml"),
        f"read {FOLDER}/lab.xml": Text(DEFINED),
        f"read {STATE}/lab.xml": Text(LIVE),
        f"read {STATE}/lab.pid": Text("97\n"),
    } | changes


def collected(answers: Answers) -> tuple[Network | Unmodelled, ...]:
    notebook = Notebook(Replay(answers))
    ask_libvirt.ask_networks(notebook)
    found = networks.parse(notebook.answers)
    assert not isinstance(found, Missing), found
    return found


def lab(answers: Answers) -> Network:
    (found,) = collected(answers)
    assert isinstance(found, Network), found
    return found


def test_an_active_network() -> None:
    found = lab(texts())
    assert (found.active, found.autostart, found.persistent, found.server_pid) == (True, True, True, 97)
    assert (found.forward, found.bridge, found.serves_dhcp, found.wants_server) == ("nat", "virbr0", True, True)
    assert found.origin == f"{STATE}/lab.xml"
    assert found.definition == Definition(f"{FOLDER}/lab.xml", DEFINED)


def test_a_network_that_was_made_without_a_definition_has_none() -> None:
    """`virsh net-create`."""
    found = lab(texts(**{f"list {FOLDER}": Text("autostart")}))
    assert (found.persistent, found.definition) == (False, None)


@pytest.mark.parametrize("active", [True, False])
def test_what_virsh_prints_of_a_running_network_is_no_definition(active: bool) -> None:
    """A plain user: it holds what is live."""
    listing = Text("lab\n" if active else "")
    dump = ask_libvirt.dump_network("lab")
    answers: dict[str, Answer] = {
        list_question(FOLDER): Forbidden("not for us"),
        run_question(ask_libvirt.network_names(ask_libvirt.VIRSH, ask_libvirt.ALL)): Text("lab\n"),
        run_question(ask_libvirt.network_names()): listing,
        run_question(dump): Text(DEFINED),
    }
    (found,) = networks.parse(texts(**answers))  # type: ignore[misc]
    assert isinstance(found, Network)
    assert found.definition == (None if active else Definition(" ".join(dump), DEFINED))


def test_a_stopped_network_keeps_its_old_pid_file() -> None:
    """As after `virsh net-destroy`: dnsmasq's pid file stays, the status file goes."""
    found = lab(texts(**{f"list {STATE}": Text("autostarted\ndriver.pid\nlab.pid"), f"read {STATE}/lab.xml": GONE}))
    assert (found.active, found.server_pid) == (False, 97)
    assert found.origin == f"{FOLDER}/lab.xml"


def test_a_network_without_a_pid_file() -> None:
    found = lab(texts(**{f"list {STATE}": Text("lab.xml"), f"read {STATE}/lab.pid": GONE}))
    assert found.server_pid == Missing("absent", f"{STATE}/lab.pid does not exist")


def test_no_network_has_run_since_the_boot() -> None:
    found = lab(texts(**{f"list {STATE}": GONE}))
    assert not found.active
    assert found.server_pid == Missing("absent", f"{STATE}/lab.pid does not exist")


@pytest.mark.parametrize(
    ("answer", "status"),
    [(Forbidden("not for us"), "forbidden"), (Failed("input/output error"), "failed"), (Text("-1\n"), "failed")],
)
def test_a_pid_file_that_tells_no_pid_is_not_an_absent_one(answer: Answer, status: str) -> None:
    pid = lab(texts(**{f"read {STATE}/lab.pid": answer})).server_pid
    assert isinstance(pid, Missing)
    assert pid.status == status


def test_a_status_file_that_is_closed_to_us_does_not_stop_its_network() -> None:
    """Mode 0600: a plain user who took it for inactive would be told of a fault that is none."""
    notebook = Notebook(Replay(texts(**{f"read {STATE}/lab.xml": Forbidden("not for us")})))
    ask_libvirt.ask_networks(notebook)
    found = networks.parse(notebook.answers)
    assert found == Missing("forbidden", "not for us", "run it as root")


def test_a_status_file_that_is_not_understood_hides_its_network() -> None:
    (found,) = collected(texts(**{f"read {STATE}/lab.xml": Text("<networkstatus>")}))
    assert isinstance(found, Unmodelled)
    assert (found.kind, found.name, found.origin) == ("network", "lab", f"{STATE}/lab.xml")


@pytest.mark.parametrize(("listing", "done"), [("autostarted\nlab.xml", True), ("lab.xml", False), ("", False)])
def test_whether_libvirt_has_started_its_networks_since_the_boot(listing: str, done: bool) -> None:
    notebook = Notebook(Replay(texts(**{f"list {STATE}": Text(listing)})))
    ask_libvirt.ask_daemons(notebook)
    found = libvirt.parse(notebook.answers)
    assert isinstance(found, Libvirt)
    assert found.networks_autostarted is done


def test_reservations_say_for_whom_they_are() -> None:
    (lab,) = collected(texts())
    assert isinstance(lab, Network)
    (subnet,) = lab.subnets
    assert subnet.hosts == 1
    assert subnet.reserved == (Reservation(mac="52:54:00:0d:0d:01", address="192.168.150.5"),)
