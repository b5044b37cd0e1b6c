"""ps' listings of a real sosreport (sos 4.0, Debian 12), as procfs and `ps -o` would tell them."""

from pxedoctor.access.saved.processes import Process, as_ps, as_stat, read_processes
from saved_texts import WITH_NAMES, WITH_STATE


def test_what_both_listings_tell() -> None:
    found = read_processes(WITH_STATE, WITH_NAMES)
    assert list(found) == [1, 10, 97]
    assert found[1] == Process(1, 0, "Ss", "systemd", "/sbin/init splash")
    assert found[10].command == "libvirtd -d"
    assert found[97].state == "Z"


def test_as_the_host_would_have_told() -> None:
    found = read_processes(WITH_STATE, WITH_NAMES)
    assert as_ps(found).splitlines()[1] == "10 1 Sl libvirtd"
    assert as_stat(found[10]) == "10 (libvirtd) S 1 0 0 0"


def test_texts_that_are_no_listings() -> None:
    assert read_processes("", "") == {}
    assert read_processes("a b c\n" * 3, "1 2 3\n") == {}
