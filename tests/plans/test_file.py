"""A file changed for good: its request, its way back, and that nothing in the kernel is said to change."""

import pytest

from builders import host
from pxedoctor.model.firewall_files import FirewallFile
from pxedoctor.model.host import Host
from pxedoctor.plans.diff import diff_of
from pxedoctor.plans.file import ChangeFile
from pxedoctor.plans.owners.owner import FileChange
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile
from pxedoctor.plans.step import Inverse

RULES = "/etc/iptables/rules.v4"
EDIT = ChangeFile(
    words="DHCP is accepted",
    change=FileChange(path=RULES, before="*filter\nCOMMIT\n", after="*filter\n-A INPUT\nCOMMIT\n", then=(("true",),)),
)
NEW = ChangeFile(words="the switch is off", change=FileChange(path="/etc/sysctl.d/a.conf", before=None, after="a=0\n"))


def test_an_edit_and_its_way_back() -> None:
    request, back = EDIT.request(), EDIT.undo(host())
    assert isinstance(request, EditFile)
    assert "+-A INPUT\n" in diff_of(request)
    assert request.then == (("true",),)
    assert isinstance(back, Inverse)
    assert isinstance(back.request, EditFile)
    assert back.request.undoing
    assert "--A INPUT\n" in diff_of(back.request)
    assert EDIT.describe() == f"for good: DHCP is accepted, in {RULES}"


def test_a_new_file_and_its_way_back() -> None:
    request, back = NEW.request(), NEW.undo(host())
    assert isinstance(request, WriteFile)
    assert isinstance(back, Inverse)
    assert back.request == RemoveFile(path="/etc/sysctl.d/a.conf", text="a=0\n")
    assert NEW.describe() == "for good: the switch is off, in a new file /etc/sysctl.d/a.conf"


@pytest.mark.parametrize("step", [EDIT, NEW])
def test_on_the_model_the_file_is_another_and_all_else_the_same(step: ChangeFile) -> None:
    before = host(firewall_files=(FirewallFile(path=RULES, text="*filter\nCOMMIT\n"), FirewallFile(path="/x")))
    after = step.simulate(before)
    assert isinstance(after, Host)
    assert isinstance(after.firewall_files, tuple)
    assert [file.path for file in after.firewall_files] == [RULES, "/x"]
    assert after.firewall_files[0].text == (EDIT.change.after if step is EDIT else "*filter\nCOMMIT\n")
    assert step.simulate(after) == after
    assert step.simulate(host()) == host()
