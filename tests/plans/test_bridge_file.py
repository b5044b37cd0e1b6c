"""The step that configures a bridge for good: what it does to the model, its request, and its way back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import host
from owned import OFF, SHORT, configured, the_claim
from pxedoctor.model.bridge_owner import Setting
from pxedoctor.model.host import Host
from pxedoctor.model.network_files import NetworkFile, NetworkFiles
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.diff import diff_of
from pxedoctor.plans.hunks import applied, applied_anywhere
from pxedoctor.plans.owners import OWNERS, ifupdown, networkd
from pxedoctor.plans.owners.owner import FileChange, Owner
from pxedoctor.plans.request import EditFile, RemoveFile, Request, WriteFile
from pxedoctor.plans.step import Assumed, Inverse

INTERFACES = {
    "/etc/network/interfaces": "iface br0 inet manual\n  bridge_ports none\n  bridge_stp on\n  bridge_fd 15\n"
}
NETDEV = {"/etc/systemd/network/b.netdev": "[NetDev]\nName=br0\nKind=bridge\n[Bridge]\nSTP=yes\n"}
HOSTS = [(ifupdown, configured(INTERFACES, "bridge-utils")), (networkd, configured(NETDEV))]


def step(owner: Owner, on: Host) -> ConfigureBridge:
    change = owner.change(on, the_claim(owner, on), SHORT)
    assert isinstance(change, FileChange)
    return ConfigureBridge(owner=owner.NAME, bridge="br0", words="a forward delay of 2 s", change=change)


@pytest.mark.parametrize(("owner", "on"), HOSTS)
def test_on_the_model_its_owner_reads_what_was_wished(owner: Owner, on: Host) -> None:
    after = step(owner, on).simulate(on)
    assert isinstance(after, Host)
    assert the_claim(owner, after).setting == SHORT
    assert step(owner, on).simulate(after) == after


def test_an_edit_and_its_way_back() -> None:
    edited = step(*HOSTS[0])
    request, back = edited.request(), edited.undo(HOSTS[0][1])
    assert isinstance(request, EditFile)
    assert "-  bridge_fd 15\n+  bridge_fd 2\n" in diff_of(request)
    assert isinstance(back, Inverse)
    assert isinstance(back.request, EditFile)
    assert back.request.undoing
    assert "-  bridge_fd 2\n+  bridge_fd 15\n" in diff_of(back.request)
    assert edited.describe() == ("for good: a forward delay of 2 s for br0 in /etc/network/interfaces (ifupdown)")


def test_a_new_file_and_its_way_back() -> None:
    made = step(*HOSTS[1])
    request, back = made.request(), made.undo(HOSTS[1][1])
    assert isinstance(request, WriteFile)
    assert diff_of(request).startswith("--- /dev/null\n+++ /etc/systemd/network/b.netdev.d/90-pxedoctor.conf\n")
    assert isinstance(back, Inverse)
    assert back.request == RemoveFile(path=request.path, text=request.text)
    assert back.argv == ("rm", request.path)


def test_where_the_files_are_not_known_it_is_assumed() -> None:
    assert isinstance(step(*HOSTS[1]).simulate(host()), Assumed)


def granted(on: Host, request: Request) -> Host:
    """What the executor does to the files: the judge, which knows requests and nothing of the step."""
    assert isinstance(on.network_files, NetworkFiles)
    files = {file.path: file for file in on.network_files.files}
    match request:
        case EditFile(path=path, hunks=hunks):
            make = applied_anywhere if request.undoing else applied
            text = make(files[path].text, hunks)
            assert text is not None
            files[path] = NetworkFile(path=path, text=text)
        case WriteFile(path=path, text=text):
            assert path not in files
            files[path] = NetworkFile(path=path, text=text)
        case RemoveFile(path=path, text=text):
            assert files.pop(path).text == text
    changed = msgspec.structs.replace(on.network_files, files=tuple(files.values()))
    return msgspec.structs.replace(on, network_files=changed)


_GAPS = st.sampled_from(["", "\n", "# kept\n", "\n\n# 15\n"])
_ENDS = st.sampled_from(["", "\n", "\n# kept\n"])
_DELAYS = st.integers(3, 30)


def _debian(gap: str, delay: int, end: str) -> Host:
    stanza = f"iface br0 inet manual\n bridge_ports x\n bridge_stp on\n bridge_fd {delay}\n"
    return configured({"/etc/network/interfaces": f"{gap}{stanza}{gap}iface x inet manual{end}"}, "bridge-utils")


def _networkd(gap: str, delay: int, end: str) -> Host:
    unit = f"[NetDev]\nName=br0\nKind=bridge\n{gap}[Bridge]\nSTP=1\nForwardDelaySec={delay}{end}"
    return configured({"/etc/systemd/network/b.netdev": unit})


def _netplan(gap: str, delay: int, end: str) -> Host:
    bridges = f"  bridges:\n    br0:\n      parameters: {{forward-delay: {delay}}}\n"
    return configured({"/etc/netplan/a.yaml": f"{gap}network:\n{bridges}{end}"})


def _ifcfg(gap: str, delay: int, end: str) -> Host:
    text = f"DEVICE=br0\n{gap}TYPE=Bridge\nSTP=yes\n{gap}DELAY={delay}{end}"
    return configured({"/etc/sysconfig/network-scripts/ifcfg-br0": text})


_MAKERS = st.sampled_from([_debian, _networkd, _netplan, _ifcfg])
CONFIGURED = st.builds(lambda make, gap, delay, end: make(gap, delay, end), _MAKERS, _GAPS, _DELAYS, _ENDS)


@given(CONFIGURED, st.sampled_from([SHORT, OFF]))
def test_laws(on: Host, wish: Setting) -> None:
    """The request does what the model says; the way back leads back, to the byte; twice is once."""
    claims = [(owner, claim) for owner in OWNERS for claim in owner.claims(on, "br0")]
    assert len(claims) == 1
    owner, claim = claims[0]
    change = owner.change(on, claim, wish)
    assert isinstance(change, FileChange)
    made = ConfigureBridge(owner=owner.NAME, bridge="br0", words="w", change=change)
    after, back = made.simulate(on), made.undo(on)
    assert isinstance(after, Host)
    assert isinstance(back, Inverse)
    assert granted(on, made.request()) == after
    assert granted(after, back.request) == on
    assert made.simulate(after) == after
