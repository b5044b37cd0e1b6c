"""The step that configures a bridge for good: what it does to the model, its request, and its way back."""

import pytest

from builders import host
from owned import SHORT, configured, the_claim
from pxedoctor.model.host import Host
from pxedoctor.plans.bridge_file import ConfigureBridge
from pxedoctor.plans.owners import ifupdown, networkd
from pxedoctor.plans.owners.owner import FileChange, Owner
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile, diff_of
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
