"""Leases: libvirt's status files, dnsmasq's own files, and the clock beside them."""

from pxedoctor.access.answer import Absent, Answer, Forbidden, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import leases
from pxedoctor.collect.ask import leases as ask
from pxedoctor.model.fact import Missing
from pxedoctor.model.lease import Lease, Leases, LeaseStore

FOLDER = "/var/lib/libvirt/dnsmasq"
# As libvirt 9.0.0 writes it.
STATUS = """\
[
  {
    "ip-address": "192.168.150.5",
    "mac-address": "52:54:00:0D:0D:01",
    "client-id": "01:52:54:00:0d:0d:01",
    "hostname": "payroll",
    "expiry-time": 1795661731
  },
  { "ip-address": "fd00::10", "mac-address": "52:54:00:0d:0d:01", "iaid": "1", "expiry-time": 1795661731 }
]
"""
ONE = Lease(address="192.168.150.5", mac="52:54:00:0d:0d:01", expires=1795661731)


def collected(**changes: Answer) -> tuple[Leases | Missing, dict[str, Answer]]:
    answers: dict[str, Answer] = {
        "run date +%s": Text("1795658131\n"),
        f"list {FOLDER}": Text("default.conf\nvirbr0.macs\nvirbr0.status"),
        f"read {FOLDER}/virbr0.status": Text(STATUS),
    } | changes
    notebook = Notebook(Replay(answers))
    ask.ask(notebook)
    # What the collector of processes asks for, a dnsmasq's arguments and its lease file, is there as it was told.
    others = {key: answer for key, answer in answers.items() if key not in notebook.answers}
    return leases.parse(others | notebook.answers), notebook.answers


def test_what_libvirt_wrote_down() -> None:
    found, kept = collected()
    assert found == Leases(
        now=1795658131, stores=(LeaseStore(origin=f"{FOLDER}/virbr0.status", leases=(ONE,), bridge="virbr0"),)
    )
    assert "payroll" not in repr(kept)


def test_what_a_dnsmasq_of_the_hosts_own_wrote_down() -> None:
    command = "dnsmasq\0--conf-file=/dev/null\0--dhcp-range=10.0.0.1,10.0.0.9\0--dhcp-leasefile=/srv/leases\0"
    lines = "1795661731 52:54:00:0d:0d:01 10.0.0.5\n0 52:54:00:0d:0d:02 10.0.0.6\n"
    found, _ = collected(**{"read /proc/9/cmdline": Text(command), "read /srv/leases": Text(lines)})
    assert isinstance(found, Leases)
    store = found.of_process(9)
    assert store is not None
    assert store.leases == (
        Lease(address="10.0.0.5", mac="52:54:00:0d:0d:01", expires=1795661731),
        Lease(address="10.0.0.6", mac="52:54:00:0d:0d:02", expires=None),
    )


def test_nonsense_is_no_lease() -> None:
    strange = '[1, {"ip-address": 7}, {"ip-address": "x", "mac-address": "y", "expiry-time": 1}]'
    for text in ("", "{", "7", strange, "[" * 100_000):
        found, _ = collected(**{f"read {FOLDER}/virbr0.status": Text(text)})
        assert isinstance(found, Leases)
        assert found.stores[0].leases == ()


def test_cutting_twice_changes_nothing_more() -> None:
    assert ask.only_leases(ask.only_leases(STATUS)) == ask.only_leases(STATUS)
    line = "1795661731 52:54:00:0d:0d:01 10.0.0.5 name *"
    assert ask.only_lines(ask.only_lines(line)) == ask.only_lines(line)


def test_without_a_clock_the_leases_are_known() -> None:
    found, _ = collected(**{"run date +%s": Absent("no date")})
    assert isinstance(found, Leases)
    assert found.now is None


def test_a_host_without_libvirt_has_no_leases_of_it() -> None:
    found, _ = collected(**{f"list {FOLDER}": Absent("does not exist")})
    assert found == Leases(now=1795658131)


def test_a_folder_that_is_closed() -> None:
    found, _ = collected(**{f"list {FOLDER}": Forbidden("not for you")})
    assert found == Missing("forbidden", "not for you", "run it as root")
