"""A dnsmasq of the host's own leaves a bridge alone: what is written, who reads it, and how it is taken back."""

import msgspec

from builders import host
from pxedoctor.plans.diff import diff_of
from pxedoctor.plans.hunks import applied, applied_anywhere
from pxedoctor.plans.leave_room import LeaveRoom
from pxedoctor.plans.request import EditFile, RemoveFile, WriteFile
from pxedoctor.plans.step import Assumed, Inverse

TEST = ("dnsmasq", "--test")
NEW = LeaveRoom(
    server="dnsmasq (pid 9)",
    device="virbr0",
    path="/etc/dnsmasq.d/pxedoctor-not-virbr0.conf",
    new=True,
    lines=("# pxedoctor: virbr0 is another server's.", "bind-dynamic", "except-interface=virbr0"),
    checked_by=TEST,
    service="dnsmasq",
    may_lose="An answer.",
)
ON_TOP = msgspec.structs.replace(NEW, path="/etc/dnsmasq.conf", new=False)
FILE = "# ours\nport=0\n"


def test_in_a_file_of_its_own() -> None:
    request = NEW.request()
    assert isinstance(request, WriteFile)
    assert request.text == "# pxedoctor: virbr0 is another server's.\nbind-dynamic\nexcept-interface=virbr0\n"
    assert (request.then, request.restart) == ((TEST,), "dnsmasq")
    assert "bind-dynamic, except-interface=virbr0 in a new file /etc/dnsmasq.d" in NEW.describe()
    back = NEW.undo(host())
    assert isinstance(back, Inverse)
    assert back.request == RemoveFile(path=NEW.path, text=request.text, restart="dnsmasq")


def test_on_top_of_the_one_file_that_it_reads() -> None:
    """No line of it need be known: the diff stands before the first, and patch(1) takes it."""
    request = ON_TOP.request()
    assert isinstance(request, EditFile)
    after = applied(FILE, request.hunks)
    assert after is not None
    assert after.endswith(f"except-interface=virbr0\n{FILE}")
    assert "@@ -0,0 +1,3 @@" in diff_of(request)


def test_taken_back_to_the_byte_whatever_was_written_above_it_since() -> None:
    request, back = ON_TOP.request(), ON_TOP.undo(host())
    assert isinstance(request, EditFile)
    assert isinstance(back, Inverse)
    assert isinstance(back.request, EditFile)
    assert (back.request.undoing, back.request.restart) == (True, "dnsmasq")
    after = applied(FILE, request.hunks) or ""
    assert applied_anywhere(f"# theirs\n{after}", back.request.hunks) == f"# theirs\n{FILE}"


def test_not_taken_back_under_a_guest() -> None:
    """Beside the network's own server it could not start again."""
    back = NEW.undo(host())
    assert isinstance(back, Inverse)
    assert back.only_if_no_ports == "virbr0"


def test_on_the_model_it_can_only_be_assumed() -> None:
    assert isinstance(NEW.simulate(host()), Assumed)
