"""boot-file-unreadable: from the permissions on the way, from a refusal that a probe saw, and what may be opened."""

import msgspec
import pytest

from builders import bridge, domain, facts, finding, network, nic, port, probed, target, with_probes
from pxedoctor.checks.fetch import boot_file_unreadable as check
from pxedoctor.findings.outcome import Broken, Fine, NotApplicable, Outcome, Unknown
from pxedoctor.model.boot_file import BootFile, Entry, Kind
from pxedoctor.model.fact import Missing
from pxedoctor.model.libvirt import Network
from pxedoctor.model.observation import Probed, SeenFetch
from pxedoctor.model.process import Process
from pxedoctor.model.target import Facts
from pxedoctor.plans.plan import NoPlan, Plan

GUEST = nic(kind="network", source="default")
NOBODY = Process(
    pid=100, parent=1, state="S", name="dnsmasq", command="dnsmasq --conf-file=/x/libvirt/", uid=65534, gids=(65534,)
)


def web01():  # type: ignore[no-untyped-def]
    return target(bridge="virbr0", network="default")


def entry(path: str, mode: int, kind: Kind = "folder") -> Entry:
    return Entry(path=path, kind=kind, mode=mode, uid=0, gid=0)


def boot_file(mode: int = 0o644, folder: int = 0o755, root: str = "/srv/tftp", absent: str = "") -> BootFile:
    path = f"{root}/boot.0"
    own = () if absent else (entry(path, mode, "file"),)
    return BootFile(path=path, real=path, entries=(entry("/", 0o755), entry(root, folder), *own), absent=absent)


def with_root(root: str = "/srv/tftp", server: str = "", file: str = "boot.0") -> Network:
    one = network()
    subnet = msgspec.structs.replace(one.subnets[0], tftp_root=root, boot_file=file, boot_server=server)
    return network(subnets=(subnet,))


def known(file: object, one: Network | None = None, boot: tuple[str, ...] = ("network",)) -> Facts:
    files = file if isinstance(file, Missing) else (file,)
    return facts(
        bridges=(bridge("virbr0", ports=(port("vnet0"),)),),
        networks=(one or with_root(),),
        domains=(domain(GUEST, boot=boot),),
        processes=(NOBODY,),
        boot_files=files,
    )


def outcome(file: object, *seen: Probed) -> Outcome:
    return check.check(with_probes(known(file), *seen), web01())


def test_a_file_of_roots_alone() -> None:
    found = outcome(boot_file(mode=0o600))
    assert isinstance(found, Broken)
    assert (found.severity, found.certainty, found.subject) == ("broken", "proven", "default")
    assert ("/srv/tftp/boot.0", "mode 0600, owner 0, group 0") in [(e.origin, e.value) for e in found.evidence]


def test_a_folder_that_it_may_not_pass() -> None:
    found = outcome(boot_file(folder=0o700))
    assert isinstance(found, Broken)
    assert "the folder /srv/tftp" in found.headline


def test_a_file_that_is_not_there() -> None:
    found = outcome(boot_file(absent="/srv/tftp/boot.0"))
    assert isinstance(found, Broken)
    assert "does not exist" in found.headline


def test_a_folder_that_is_not_there() -> None:
    found = outcome(boot_file(absent="/srv/tftp"))
    assert isinstance(found, Broken)
    assert "a folder on its way" in found.headline


def test_readable() -> None:
    assert isinstance(outcome(boot_file()), Fine)


@pytest.mark.parametrize("boot", [("hd",), ("hd", "network")])
def test_who_boots_from_the_disk_does_not_fail(boot: tuple[str, ...]) -> None:
    found = check.check(known(boot_file(mode=0o600), boot=boot), web01())
    assert isinstance(found, NotApplicable) or (isinstance(found, Broken) and found.severity == "risk")


@pytest.mark.parametrize(
    "one",
    [
        with_root(server="203.0.113.9"),
        with_root(file="http://192.168.122.1/boot.0"),
        with_root(root=""),
        network(),
    ],
    ids=["on another host", "by HTTP", "no server of files here", "no file at all"],
)
def test_not_this_hosts_file(one: Network) -> None:
    assert isinstance(check.check(known(boot_file(mode=0o600), one), web01()), NotApplicable)


@pytest.mark.parametrize(
    "file",
    [
        Missing("absent", "not asked"),
        BootFile(path="/srv/tftp/other", real="", entries=()),
        BootFile(path="/srv/tftp/boot.0", real="", entries=(), unknown="/srv may not be read"),
    ],
    ids=["nobody asked", "another file", "closed to us"],
)
def test_not_known(file: object) -> None:
    found = outcome(file)
    assert isinstance(found, Unknown)
    assert not found.on_road


URL = "tftp://192.168.122.1/boot.0"


def fetched(**changes: object) -> Probed:
    values: dict[str, object] = {"at": 1.0, "seconds": 0.1, "url": URL, "outcome": "refused", "why": "", "status": 1}
    return probed(fetch=True, fetches=(SeenFetch(**(values | changes)),))  # type: ignore[arg-type]


def test_a_probe_was_refused_by_a_server_of_which_nothing_is_known() -> None:
    seen = fetched(why="error 1: file not found")
    found = check.check(with_probes(known(boot_file(), with_root(server="203.0.113.9")), seen), web01())
    assert isinstance(found, Broken)
    assert found.certainty == "proven"
    assert found.evidence[0].value == "error 1: file not found"


@pytest.mark.parametrize("url", [URL, "http://192.168.122.1/boot.0"])
def test_refusals_of_both_protocols(url: str) -> None:
    assert isinstance(outcome(boot_file(), fetched(url=url, status=2 if url == URL else 404)), Broken)


@pytest.mark.parametrize(
    "changes",
    [{"outcome": "fetched", "status": None}, {"outcome": "silent", "status": None}, {"status": 8}],
    ids=["fetched", "no answer is another cause", "it refuses the options"],
)
def test_what_is_no_refusal_of_the_file(changes: dict[str, object]) -> None:
    assert isinstance(outcome(boot_file(), fetched(**changes)), Fine)


def planned(file: BootFile, root: str = "/srv/tftp") -> Plan | NoPlan:
    host = known(file, with_root(root))
    return check.plan(finding(check, check.check(host, web01()), web01()), host)


def test_file_and_folder_are_opened() -> None:
    plan = planned(boot_file(mode=0o600, folder=0o700))
    assert isinstance(plan, Plan)
    assert [step.argv() for step in plan.steps] == [
        ("chmod", "o+x", "--", "/srv/tftp"),
        ("chmod", "o+r", "--", "/srv/tftp/boot.0"),
    ]


def test_a_home_is_not_opened() -> None:
    plan = planned(boot_file(folder=0o700, root="/home/admin"), "/home/admin")
    assert isinstance(plan, NoPlan)
    assert "/home/admin" in plan.because


def test_a_file_elsewhere_is_not_opened() -> None:
    there = entry("/root/boot.0", 0o600, "file")
    own = msgspec.structs.replace(there, path="/srv/tftp/boot.0")
    file = msgspec.structs.replace(boot_file(), real="/root/boot.0", entries=(entry("/root", 0o700), own, there))
    assert isinstance(planned(file), NoPlan)


def test_nobody_puts_a_file_there_for_you() -> None:
    assert isinstance(planned(boot_file(absent="/srv/tftp/boot.0")), NoPlan)
