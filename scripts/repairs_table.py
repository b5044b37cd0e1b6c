"""The page docs/repairs.md: what each cause's plan does and how safe it is, made from the checks. See generate_docs.py.

The steps are those that a check's file names itself, and those of the modules it leaves its plan to; whether they are
SAFE or RISKY is what its docstring says under "Fix safety", which is what `explain` prints.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from pxedoctor.checks import CHECKS
from pxedoctor.checks.check import Check
from pxedoctor.plans import service
from pxedoctor.report.explanation import explanation

_PAGE = """\
# Repairs

What the plan of each cause does, and how safe it is. A live step helps at once, and the step for good keeps it over a
reboot; [how a plan is made and carried out](how-it-works.md#repairs), [the owners of bridges](owners.md),
[the founding page row by row](founding-page.md). A cause without a plan says why, and what a person does instead
(`pxedoctor explain NAME`). Made from the checks by `scripts/generate_docs.py`.

| cause | has a plan | its steps | safe? |
|---|---|---|---|
{rows}

## Labels of SELinux

Where the log says that SELinux kept dnsmasq from one file, and `restorecon -n` says that the policy has another label
for that very file, the plan of [lsm-denies-dnsmasq](causes/lsm-denies-dnsmasq.md) gives it that label. The label of
before is written down first; one that is another by then is left alone; what is there afterwards is read back, and
`undo` gives the old one again. SELinux is never put into permissive mode, and no rule is added to a policy: what it
forbids to a file that is labelled as it says, a person allows.

Tried with real labels on real files, as root, in a kernel without SELinux ([test](../tests/apply/test_label.py)), with
the words of the real `setfiles`, which restorecon is another name of ([test](../tests/collect/test_labels.py)), and as
a whole repair and its undo in the lab, where a script stands for the kernel and refuses by the file's label
([case](../src/pxedoctor/lab/faults/policy/lsm_denies_dnsmasq.py)). Not tried: a kernel that enforces a policy, and a
distribution's own list of files.

## When somebody has changed the same since

`undo` looks at what is there now before it takes anything back, and draws three texts where they are not what it
expects: what it was before, what pxedoctor wrote, what is there now. A bridge whose delay was repaired, and then set
to 20 s by somebody, in the kernel and in its file (the [lab's test](../tests/lab/test_undo_order.py)):

    $ pxedoctor undo
    NOTHING TAKEN BACK: BR001:br0
    ...
      Somebody has changed the same since:
        /etc/network/interfaces.d/bridges, line 3: IN CONFLICT
                 bridge_ports none
                 bridge_stp on
          b      bridge_fd 15
           w     bridge_fd 2
            n    bridge_fd 20
        /etc/network/interfaces.d/bridges, line 15: could be taken back
          b      mtu 1400
           wn    mtu 1500
        forward delay of br0, 1/100 s: IN CONFLICT
          before 1500   written 200   now 2000
      b: before the repair, w: written by pxedoctor, n: there now; a line without a
      letter is in all three.
      A file is taken back whole or not at all.

What is in conflict is left as it is; the other steps are taken back. The lines are looked for where they stood, and
where others have moved them. Compared so are lines of files, files of pxedoctor's own, kernel settings, a bridge's
delay and STP, MTU, MAC, whether a device is up, the bridge that a tap is in, a port's state and flags and how it is in
a VLAN, a file's mode and SELinux label, an address, a route and a guest's entry in a bridge (there or not there), a
rule of iptables', nft's or ufw's that pxedoctor added, what firewalld's zone lets in and whether the bridge is still in
it, whether a network or a guest still runs, and attributes of a libvirt definition. No step changes a file's owner or
ACL. Secrets are stars in all three; `undo --json` has the texts as `three_way` of each step, 60 lines of 400
characters a passage at most.

## Reloads and restarts of libvirt's daemons

One rule, whatever they are done for (`plans/service.py`):

{restarts}
"""
# What a check leaves its plan to: the name of the function, and the steps that it makes.
_LEFT_TO = {
    "opened": "an accept in the words of whoever refuses (ufw, firewalld, Docker, iptables, nft), live and in its file",
    "in_base_chain": "an accept before the rule that refuses, live and in its file",
    "fill_sums": "the CHECKSUM rule, kept by whoever keeps the rules; tc's csum filter; `ethtool -K BR tx off`",
    "by_the_guests": "`<driver name='qemu'/>`, pending the guest's full start",
    "switched_off": "net.bridge.bridge-nf-call-iptables off, Docker's bridges kept on, and a rule of udev's",
    "stored": "its line in a copy of the zone's file in /etc/firewalld/zones",
    "lasting": "the setting in the file of the bridge's owner",
    "reload_of": "reload of libvirt's daemon",
    "restart_of": "restart of libvirt's daemon",
    "track": "net.netfilter.nf_conntrack_max, live",
    "lasting_device": "the line in the file of whoever configures the device",
}


def page() -> str:
    rows = "\n".join(map(_row, sorted(CHECKS, key=lambda check: check.META.code)))
    return _PAGE.format(rows=rows, restarts=(service.__doc__ or "").partition("\n\n")[2].strip())


def _row(check: Check) -> str:
    meta = check.META
    name = f"[{meta.name}](causes/{meta.name}.md) ({meta.code})"
    return f"| {name} | {meta.fix} | {'; '.join(_steps(check)) or '-'} | {_safety(check)} |"


def _steps(check: Check) -> Iterator[str]:
    source = Path(inspect.getsourcefile(check) or "").read_text(encoding="utf-8")  # type: ignore[arg-type]
    tree = ast.parse(source)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    planned = _from_plans(tree)
    for name in sorted(called):
        step = planned.get(name)
        if inspect.isclass(step) and hasattr(step, "request"):
            yield _plain(_first_sentence(inspect.getdoc(step) or ""))
        elif name in _LEFT_TO:
            yield _LEFT_TO[name]


def _first_sentence(text: str) -> str:
    """Without its end; three dots end none."""
    return re.split(r"(?<!\.)\.(?: |$)", " ".join(text.split()), maxsplit=1)[0].rstrip(":")


def _from_plans(tree: ast.Module) -> dict[str, object]:
    """What a check imports of the plans, by its name; most do so in `plan` itself."""
    found: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pxedoctor.plans."):
            module = importlib.import_module(node.module or "")
            found |= {alias.name: getattr(module, alias.name) for alias in node.names}
    return found


def _safety(check: Check) -> str:
    section = next(section for section in explanation(check).sections if section.heading == "Fix safety")
    return _plain(" ".join(block.text for block in section.blocks))


def _plain(text: str) -> str:
    """Without what Markdown takes for HTML or the end of a cell; code is left as it is."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))
