"""interfaces(5): stanzas, continued lines, and what cannot be edited in place."""

from pxedoctor.model.network_files import NetworkFile
from pxedoctor.plans.owners.interfaces import stanzas, with_option

TEXT = """\
auto br0
iface br0 inet manual
  # a comment
  bridge_ports eno1 \\
               eno2
  bridge_fd 15
allow-hotplug eno1
  bridge_fd 99
iface br1 inet manual
"""


def test_stanzas_and_their_options() -> None:
    first, second = stanzas(NetworkFile(path="/etc/network/interfaces", text=TEXT))
    assert (first.name, first.index, first.words, first.is_bridge) == ("br0", 1, ("inet", "manual"), True)
    assert [(option.index, option.key, option.value, option.plain) for option in first.options] == [
        (3, "bridge_ports", "eno1 eno2", False),
        (5, "bridge_fd", "15", True),
    ]
    assert (second.name, second.is_bridge) == ("br1", False)


def test_an_option_on_one_line_is_changed_and_none_is_added_behind_a_continued_one() -> None:
    first, _ = stanzas(NetworkFile(path="/etc/network/interfaces", text=TEXT))
    assert with_option(first, "fd", "2") == TEXT.replace("bridge_fd 15", "bridge_fd 2")
    assert with_option(first, "ports", "none") is None
    assert with_option(first, "stp", "on") is None
