"""What the rules say that packets met: asked of a real nft in a namespace of its own, beside the listening."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.lab

# A chain gets a rule after everything was listed: it is asked for once more, and only then.
PROGRAM = """
import subprocess, time
from pxedoctor.model.traced import HeardRule
from pxedoctor.trace.rule_words import RuleWords
def nft(*words): subprocess.run(["nft", *words], check=True)
def met(handle, table="t"):
    kind = {"family": "inet", "table": table, "chain": "input", "kind": "rule", "verdict": "drop"}
    return HeardRule(at=1.0, mark=1, handle=handle, **kind)
nft("add table inet t; add chain inet t input { type filter hook input priority 0; }")
nft("add rule inet t input udp dport 67 drop")
words = RuleWords("own")
words.settle(10)
first = words.worded([met(2)])[0]
assert (first.hook, first.text) == ("input", "udp dport 67 drop"), first
nft("add rule inet t input udp dport 69 drop")
words.want([met(3), met(3), met(9, "gone")])
words.settle(10)
assert words.worded([met(3)])[0].text == "udp dport 69 drop"
assert words.worded([met(9, "gone")])[0].hook == ""
assert words.worded([met(1, "own")])[0].hook == "input", "of the tracer's own table the chain says it"
words.close()
"""


def test_everything_first_and_a_newer_rule_when_it_is_met() -> None:
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
