"""The host's name, kernel and distribution."""

import pytest

from pxedoctor.access.answer import Forbidden
from pxedoctor.collect import system
from pxedoctor.model.fact import Missing
from pxedoctor.model.system import System
from recorded import running_guest, without

KERNEL = "read /proc/sys/kernel/osrelease"
RELEASE = "read /etc/os-release"


def test_a_real_host() -> None:
    found = system.parse(running_guest())
    assert found == System(hostname="site-0d0d", kernel="6.1.0-28-amd64", os_id="debian", os_like=())


@pytest.mark.parametrize(
    ("text", "os_id", "os_like"),
    [
        pytest.param(
            'ID="rocky"\nID_LIKE="rhel centos fedora"\n', "rocky", ("rhel", "centos", "fedora"), id="Rocky Linux 9"
        ),
        pytest.param("ID=fedora\n# ID=debian\n", "fedora", (), id="a comment"),
        pytest.param("ID='open\nID_LIKE=suse", "", ("suse",), id="a quotation that never ends"),
        pytest.param("\0\0\nnonsense", "", (), id="no os-release at all"),
    ],
)
def test_distributions(text: str, os_id: str, os_like: tuple[str, ...]) -> None:
    found = system.parse(running_guest(**{RELEASE: text}))
    assert isinstance(found, System)
    assert (found.os_id, found.os_like) == (os_id, os_like)


def test_without_os_release_the_rest_is_known() -> None:
    found = system.parse(without(RELEASE))
    assert isinstance(found, System)
    assert found.os_id == ""


def test_without_a_kernel_nothing_is() -> None:
    found = system.parse(running_guest(**{KERNEL: Forbidden("hidden")}))
    assert found == Missing("forbidden", "hidden", "run it as root")


@pytest.mark.parametrize(
    ("flags", "virtual"),
    [
        pytest.param("flags\t\t: fpu vme de pse hypervisor lahf_lm", True, id="a virtual machine"),
        pytest.param("flags\t\t: fpu vme de pse lahf_lm", False, id="bare metal"),
        pytest.param("flags\t\t: fpu hypervisors", False, id="a longer word"),
        pytest.param("", False, id="another architecture"),
    ],
)
def test_a_host_that_is_a_virtual_machine_itself(flags: str, virtual: bool) -> None:
    """The lines are of a KVM guest with 2 CPUs (Linux 6.18), shortened."""
    texts = {
        "run grep -m 1 '^flags' /proc/cpuinfo": flags,
        "read /sys/class/dmi/id/sys_vendor": "VMware, Inc.\n",
        "read /sys/class/dmi/id/product_name": "VMware  Virtual Platform\n",
    }
    found = system.parse(running_guest(**texts))
    assert isinstance(found, System)
    assert (found.virtual, found.machine) == (virtual, "VMware, Inc. VMware Virtual Platform")
