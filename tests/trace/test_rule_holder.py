"""nft that is held: what it has done, what it refuses, and that its tables go with it. A real nft in a namespace."""

import subprocess
import sys

import pytest

from pxedoctor.trace.rule_holder import unheard

pytestmark = pytest.mark.lab


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("", False),
        ("netlink: Error: ", False),
        ("netlink: Error: cache initialization failed: ", False),
        ("netlink: Error: cache initialization failed: Operation not permitted\n", True),
        ("Error: No such file or directory\n", False),
    ],
)
def test_a_reason_that_comes_in_pieces_is_waited_for(said: str, whole: bool) -> None:
    assert unheard(said) is whole


PROGRAM = """
import subprocess
from pxedoctor.trace.rule_holder import RuleHolder
def tables(): return subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout
holder = RuleHolder()
holder.tell(("add table inet t { flags owner; }", "add chain inet t c"))
assert holder.await_done(20), holder.refused
assert "table inet t" in tables()
holder.tell(("add table bridge u { flags owner; }", "add rule inet t nochain drop"))
assert not holder.await_done(20)
assert holder.refused.startswith("Error"), holder.refused
assert "bridge u" not in tables(), "all of a line, or nothing"
holder.tell(("add table bridge u { flags owner; }",))
assert holder.await_done(20), "what it refused before is not held against it: " + holder.refused
for number in range(20):
    holder.tell((f"add chain inet t c{number}",))
assert holder.await_done(20)
assert "c19" in subprocess.run(["nft", "list", "table", "inet", "t"], capture_output=True, text=True).stdout
holder.close()
assert tables() == "", tables()
"""


def test_what_it_was_told_is_done_or_refused_and_goes_with_it() -> None:
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


DENIED = """
import time
from pxedoctor.trace.rule_holder import RuleHolder
began = time.monotonic()
holder = RuleHolder()
holder.tell(("add table inet t { flags owner; }",))
assert not holder.await_done(60)
assert time.monotonic() - began < 50, "it says so at once, and answers nothing"
assert holder.refused.startswith("netlink: Error"), holder.refused
assert holder.is_denied()
holder.close()
"""
# As a security policy or a container leaves root without the right.
WITHOUT_RIGHTS = ("unshare", "--net", "setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin")


def test_where_root_may_not_it_says_so_at_once() -> None:
    done = subprocess.run([*WITHOUT_RIGHTS, sys.executable, "-c", DENIED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
