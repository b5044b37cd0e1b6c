"""Asks the dnsmasq that libvirt would start for its version, as libvirt asks it: with an empty environment.

libvirt names it by the path that it was built with, on every distribution /usr/sbin/dnsmasq; a wrapper in its place
finds no PATH there (src/network/bridge_driver.c, networkBuildDhcpDaemonCommandLine). Only where networks are defined.
"""

from pxedoctor.access.answer import Text
from pxedoctor.access.notebook import Notebook
from pxedoctor.collect.ask.libvirt import NETWORKS_DEFINED

ABSENT = "absent"
# The first that is there, be it a link to nowhere.
FIND = (
    "sh",
    "-c",
    "for path in /usr/sbin/dnsmasq /sbin/dnsmasq /usr/bin/dnsmasq /usr/local/sbin/dnsmasq /usr/local/bin/dnsmasq; do"
    " if [ -e $path ] || [ -L $path ]; then echo $path; exit; fi; done; command -v dnsmasq || echo absent",
)


def version_of(path: str) -> tuple[str, ...]:
    return ("env", "-i", path, "--version")


def behind(path: str) -> tuple[str, ...]:
    return ("readlink", "-f", "--", path)


def ask(host: Notebook) -> None:
    if not any(name.endswith(".xml") for name in host.names(NETWORKS_DEFINED)):
        return
    found = host.run(FIND)
    path = found.text.strip() if isinstance(found, Text) else ""
    if path.startswith("/"):
        host.run(behind(path))
        host.run(version_of(path), cut=_first_line)


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
