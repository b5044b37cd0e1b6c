"""What is in the kernel: loaded, or built in."""

import pytest

from pxedoctor.access.answer import Absent, Answer, Answers, Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.access.replay import Replay
from pxedoctor.collect import modules
from pxedoctor.collect.ask import modules as ask_modules
from pxedoctor.model.fact import Missing

NO = Absent("does not exist")
# Debian 12, linux-image-6.1.0-13-amd64.
LOADED = """\
br_netfilter 32768 0 - Live 0x0000000000000000
bridge 311296 1 br_netfilter, Live 0x0000000000000000
snd_hda_intel 57344 3 - Live 0x0000000000000000
xt_CHECKSUM 16384 1 - Live 0x0000000000000000
"""
BUILT_IN = "kernel/net/sched/cls_u32.ko\nkernel/drivers/net/tun.ko\nkernel/fs/ext4/ext4.ko\n"
CONFIG = """\
# CONFIG_MODULES is not set
CONFIG_BRIDGE=y
CONFIG_BRIDGE_NETFILTER=y
CONFIG_NETFILTER_XT_TARGET_CHECKSUM=m
# CONFIG_NET_ACT_CSUM is not set
CONFIG_LOCALVERSION="-secret-build"
"""


def collected(**changes: Answer) -> tuple[tuple[str, ...] | Missing, Answers]:
    texts: dict[str, Answer] = {
        "read /proc/sys/kernel/osrelease": Text("6.1.0-13-amd64\n"),
        "read /proc/modules": Text(LOADED),
        "read /lib/modules/6.1.0-13-amd64/modules.builtin": Text(BUILT_IN),
        "read /boot/config-6.1.0-13-amd64": NO,
        "run zcat /proc/config.gz": NO,
    }
    notebook = Notebook(Replay(texts | changes))
    ask_modules.ask(notebook)
    return modules.parse(notebook.answers), notebook.answers


def test_loaded_and_built_in() -> None:
    found, kept = collected()
    assert found == ("br_netfilter", "bridge", "cls_u32", "tun", "xt_CHECKSUM")
    assert "snd_hda_intel" not in repr(kept)


@pytest.mark.parametrize("question", ["read /boot/config-6.1.0-13-amd64", "run zcat /proc/config.gz"])
def test_a_kernel_of_ones_own_without_modules(question: str) -> None:
    """No /lib/modules and no /proc/modules: its configuration tells. What is =m is not in the kernel."""
    changes: dict[str, Answer] = {
        "read /proc/modules": NO,
        "read /lib/modules/6.1.0-13-amd64/modules.builtin": NO,
        question: Text(CONFIG),
    }
    found, kept = collected(**changes)
    assert found == ("br_netfilter", "bridge")
    assert "secret-build" not in repr(kept)


def test_nothing_is_called_absent_where_what_is_built_in_is_not_known() -> None:
    found, _ = collected(**{"read /lib/modules/6.1.0-13-amd64/modules.builtin": NO})
    assert isinstance(found, Missing)
    assert found.status == "absent"
